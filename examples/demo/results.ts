import { type Codec, codec, type GraphState, keyCodec } from '../../src/index.js';

// The collections of workers and of the reducer: who writes them and who reads them says the same name and codecs, as
// `me.map(...MEANS)` and as `me.peer(identity).map(...MEANS)`.

const images = { key: keyCodec.int, value: codec.ndarray('float64') };
const integers = { key: keyCodec.int, value: codec.int };

/** The graph that everybody runs. The reducer's. */
export const GRAPH = ['graph', { value: codec.graph }] as const;
/** What the graph of a worker has seen so far: the exact sums that its means are made of. */
export const STATE = ['state', { value: codec.auto as Codec<GraphState> }] as const;
/** How many events of a worker are in that. */
export const EVENTS = ['events', { value: codec.int }] as const;
/** Per digit, how many frames there were. The reducer's, as are the next two. */
export const COUNTS = ['counts', integers] as const;
/** Per digit, the light of all frames together. */
export const LIGHT = ['light', integers] as const;
/** Per digit, the mean of all frames. */
export const MEANS = ['means', images] as const;
