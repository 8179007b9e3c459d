import { describeEachBackend } from '../support/matrix.js';
import { plainDefaultMap, redisDefaultMapContract } from './redis-default-map.contract.js';

describeEachBackend('RedisDefaultMap', {}, (backend) => redisDefaultMapContract(backend, plainDefaultMap));
