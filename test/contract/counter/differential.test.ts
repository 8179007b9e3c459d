import { describeEachBackend } from '../../support/matrix.js';
import { plainCounter } from './counter.contract.js';
import { counterDifferentialContract } from './differential.contract.js';

describeEachBackend('RedisCounter and a Map', {}, (backend) => counterDifferentialContract(backend, plainCounter));
