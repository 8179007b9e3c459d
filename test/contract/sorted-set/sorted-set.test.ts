import { describeEachBackend } from '../../support/matrix.js';
import { sortedSetCallsContract } from './calls.contract.js';
import { sortedSetStreamsContract } from './streams.contract.js';
import { sortedSetWindowsContract } from './windows.contract.js';
import { plainSortedSet, sortedSetContract } from './sorted-set.contract.js';

describeEachBackend('SortedSetCounter', {}, (backend) => {
  sortedSetContract(backend, plainSortedSet);
  sortedSetCallsContract(backend, plainSortedSet);
  sortedSetStreamsContract(backend, plainSortedSet);
  sortedSetWindowsContract(backend, plainSortedSet);
});
