import { describeEachBackend } from '../../support/matrix.js';
import { redisStreamContract } from './stream.contract.js';
import { redisStreamFieldsContract } from './fields.contract.js';
import { redisStreamFollowContract } from './follow.contract.js';
import { redisStreamTickContract } from './tick.contract.js';

describeEachBackend('RedisStream', {}, (backend) => {
  redisStreamContract(backend);
  redisStreamFieldsContract(backend);
  redisStreamTickContract(backend);
  redisStreamFollowContract(backend);
});
