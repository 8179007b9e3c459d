import { describeEachBackend } from '../support/matrix.js';
import { sortedSetCallsContract } from './sorted-set-calls.contract.js';
import { sortedSetStreamsContract } from './sorted-set-streams.contract.js';
import { sortedSetWindowsContract } from './sorted-set-windows.contract.js';
import { plainSortedSet, sortedSetContract } from './sorted-set.contract.js';

describeEachBackend('SortedSetCounter', {}, (backend) => {
  sortedSetContract(backend, plainSortedSet);
  sortedSetCallsContract(backend, plainSortedSet);
  sortedSetStreamsContract(backend, plainSortedSet);
  sortedSetWindowsContract(backend, plainSortedSet);
});
