/*
 * The parts of a scope. They are loaded when the first one is opened: see load-scopes.ts.
 */

export { HashTracker } from './hash-tracker.js';
export { ListTracker } from './list-tracker.js';
export { LocalCounter } from './local/local-counter.js';
export { LocalDeque } from './local/local-deque.js';
export { LocalDefaultMap, LocalMap } from './local/local-map.js';
export { LocalSet } from './local/local-set.js';
export { LocalSortedSetCounter } from './local/local-sorted-set-counter.js';
export { LocalValue } from './local/local-value.js';
export { openScope } from './opening.js';
export { SetTracker } from './set-tracker.js';
export { SortedSetTracker } from './sorted-set-tracker.js';
export { ValueTracker } from './value-tracker.js';
