import { describeEachBackend } from '../../support/matrix.js';
import { plainList, redisListContract } from './list.contract.js';

describeEachBackend('RedisList', {}, (backend) => redisListContract(backend, plainList));
