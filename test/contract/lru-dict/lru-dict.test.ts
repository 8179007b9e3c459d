import { describe } from 'vitest';
import type { LRULimits } from '../../../src/index.js';
import { describeEachBackend } from '../../support/matrix.js';
import { lruDictContract } from './lru-dict.contract.js';
import { lruDictBackContract } from './back.contract.js';
import { lruDictChangeContract } from './change.contract.js';
import { lruDictThroughContract } from './through.contract.js';

const LIMITS: readonly LRULimits[] = [
  { write: 'through' },
  { write: 'through', maxSize: 2 },
  { write: 'through', maxSize: 0 },
  { write: 'back' },
  { write: 'back', maxSize: 2 },
  { write: 'back', maxBytes: 40, ttl: 60_000 },
  { write: 'back', maxSize: 0 },
];

describeEachBackend('LRUDict', {}, (backend) => {
  describe.each(LIMITS.map((limits) => [JSON.stringify(limits), limits] as const))('%s', (_, limits) => {
    lruDictContract(backend, limits);
  });
  describe('written through', () => lruDictThroughContract(backend));
  describe('written back', () => lruDictBackContract(backend));
  describe('written back, a value that is changed in place', () => lruDictChangeContract(backend));
});
