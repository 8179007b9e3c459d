import { describeEachBackend } from '../support/matrix.js';
import { plainDeque, redisDequeContract } from './redis-deque.contract.js';

describeEachBackend('RedisDeque', {}, (backend) => redisDequeContract(backend, plainDeque));
