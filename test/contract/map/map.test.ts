import { describeEachBackend } from '../../support/matrix.js';
import { hashLayout, redisMapContract } from './map.contract.js';

describeEachBackend('RedisMap', {}, (backend) => redisMapContract(backend, hashLayout));
