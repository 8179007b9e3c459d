import { describeEachBackend } from '../../support/matrix.js';
import { valueWatchContract } from './watch.contract.js';

describeEachBackend('RedisValue.watch', {}, (backend) => valueWatchContract(backend));
