import { codec, keyCodec } from '../../src/index.js';

// The collections of workers and of the reducer: who writes them and who reads them says the same name and codecs, as
// `me.map(...SUMS)` and as `me.peer(identity).map(...SUMS)`.

const images = { key: keyCodec.int, value: codec.ndarray('float64') };
const integers = { key: keyCodec.int, value: codec.int };

/** Per digit, the sum of a worker's frames. */
export const SUMS = ['sums', images] as const;
/** Per digit, how many frames a worker has added. */
export const COUNTS = ['counts', integers] as const;
/** Per digit, the light of all frames together. */
export const LIGHT = ['light', integers] as const;
/** How many events of a worker are in the three maps. */
export const EVENTS = ['events', { value: codec.int }] as const;
/** Per digit, the mean of all frames. The reducer's, as are its totals under the names of the workers'. */
export const MEANS = ['means', images] as const;
