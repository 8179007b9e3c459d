import { RedisCounter, RedisMap } from '../../src/index.js';
import { type Backend, describeEachBackend } from '../support/matrix.js';
import { withTwoHashes } from '../support/two-hashes.js';
import { type MakeCounter, redisCounterContract } from './counter/counter.contract.js';
import { counterDifferentialContract } from './counter/differential.contract.js';
import { mapDifferentialContract } from './map/differential.contract.js';
import { type MakeMap, redisMapContract } from './map/map.contract.js';

const map: MakeMap = (me, name, options) => new RedisMap(withTwoHashes(me), name, options);
const counter: MakeCounter = (me, name, options) => new RedisCounter(withTwoHashes(me), name, options);

/** What a layout sends does not depend on the client. */
const leaveOut = ({ name }: Backend): string | undefined =>
  name.endsWith('ioredis 6') ? 'ioredis 5 sends the same' : undefined;

describeEachBackend('RedisMap in two hashes', { leaveOut }, (backend) => {
  redisMapContract(backend, map, false);
  mapDifferentialContract(backend, map);
});

describeEachBackend('RedisCounter in two hashes', { leaveOut }, (backend) => {
  redisCounterContract(backend, counter, false);
  counterDifferentialContract(backend, counter);
});
