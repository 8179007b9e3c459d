import { describeEachBackend } from '../../support/matrix.js';
import { plainDefaultMap, redisDefaultMapContract } from './default-map.contract.js';

describeEachBackend('RedisDefaultMap', {}, (backend) => redisDefaultMapContract(backend, plainDefaultMap));
