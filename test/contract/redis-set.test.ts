import { describeEachBackend } from '../support/matrix.js';
import { redisSetAlgebraContract } from './redis-set-algebra.contract.js';
import { redisSetCallsContract } from './redis-set-calls.contract.js';
import { redisSetUpdateContract } from './redis-set-update.contract.js';
import { plainSet, redisSetContract } from './redis-set.contract.js';

describeEachBackend('RedisSet', {}, (backend) => {
  redisSetContract(backend, plainSet);
  redisSetCallsContract(backend, plainSet);
  redisSetAlgebraContract(backend, plainSet);
  redisSetUpdateContract(backend, plainSet);
});
