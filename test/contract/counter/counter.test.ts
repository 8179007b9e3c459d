import { describeEachBackend } from '../../support/matrix.js';
import { plainCounter, redisCounterContract } from './counter.contract.js';

describeEachBackend('RedisCounter', {}, (backend) => redisCounterContract(backend, plainCounter));
