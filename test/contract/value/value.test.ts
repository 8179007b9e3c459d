import { describeEachBackend } from '../../support/matrix.js';
import { plainValue, redisValueContract } from './value.contract.js';

describeEachBackend('RedisValue', {}, (backend) => redisValueContract(backend, plainValue));
