import { RedisCounter, RedisMap } from '../../src/index.js';
import { describeEachBackend } from '../support/matrix.js';
import { withTwoHashes } from '../support/two-hashes.js';
import { redisCounterContract } from './counter/counter.contract.js';
import { redisMapContract } from './map/map.contract.js';

describeEachBackend('RedisMap in two hashes', {}, (backend) =>
  redisMapContract(backend, (me, name, options) => new RedisMap(withTwoHashes(me), name, options), false),
);

describeEachBackend('RedisCounter in two hashes', {}, (backend) =>
  redisCounterContract(backend, (me, name, options) => new RedisCounter(withTwoHashes(me), name, options), false),
);
