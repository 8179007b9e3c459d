import { describeEachBackend } from '../../support/matrix.js';
import { redisSetAlgebraContract } from './algebra.contract.js';
import { redisSetCallsContract } from './calls.contract.js';
import { redisSetUpdateContract } from './update.contract.js';
import { plainSet, redisSetContract } from './set.contract.js';

describeEachBackend('RedisSet', {}, (backend) => {
  redisSetContract(backend, plainSet);
  redisSetCallsContract(backend, plainSet);
  redisSetAlgebraContract(backend, plainSet);
  redisSetUpdateContract(backend, plainSet);
});
