import { describeEachBackend } from '../../support/matrix.js';
import { plainDeque, redisDequeContract } from './deque.contract.js';

describeEachBackend('RedisDeque', {}, (backend) => redisDequeContract(backend, plainDeque));
