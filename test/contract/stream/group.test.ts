import { describeEachBackend } from '../../support/matrix.js';
import { streamGroupContract } from './group.contract.js';

describeEachBackend('StreamGroup', {}, streamGroupContract);
