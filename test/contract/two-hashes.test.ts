import { RedisCounter, RedisMap } from '../../src/index.js';
import { describeEachBackend } from '../support/matrix.js';
import { withTwoHashes } from '../support/two-hashes.js';
import { type MakeCounter, redisCounterContract } from './counter/counter.contract.js';
import { counterDifferentialContract } from './counter/differential.contract.js';
import { mapDifferentialContract } from './map/differential.contract.js';
import { type MakeMap, redisMapContract } from './map/map.contract.js';

const map: MakeMap = (me, name, options) => new RedisMap(withTwoHashes(me), name, options);
const counter: MakeCounter = (me, name, options) => new RedisCounter(withTwoHashes(me), name, options);

describeEachBackend('RedisMap in two hashes', { ioredis: 5 }, (backend) => {
  redisMapContract(backend, map, false);
  mapDifferentialContract(backend, map);
});

describeEachBackend('RedisCounter in two hashes', { ioredis: 5 }, (backend) => {
  redisCounterContract(backend, counter, false);
  counterDifferentialContract(backend, counter);
});
