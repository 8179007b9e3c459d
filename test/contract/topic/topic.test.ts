import { describeEachBackend } from '../../support/matrix.js';
import { topicContract } from './topic.contract.js';

describeEachBackend('RedisTopic', {}, topicContract);
