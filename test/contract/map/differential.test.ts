import { describeEachBackend } from '../../support/matrix.js';
import { mapDifferentialContract } from './differential.contract.js';
import { hashLayout } from './map.contract.js';

describeEachBackend('RedisMap and Map', {}, (backend) => mapDifferentialContract(backend, hashLayout));
