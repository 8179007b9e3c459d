import { describeEachBackend } from '../support/matrix.js';
import { plainValue, redisValueContract } from './redis-value.contract.js';

describeEachBackend('RedisValue', {}, (backend) => redisValueContract(backend, plainValue));
