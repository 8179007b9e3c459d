import { type Codec, codec, type GraphState, keyCodec } from '../../src/index.js';

// The collections of workers and of the reducer. Writers and readers share their names and codecs, as
// `me.map(...MEANS)` and as `me.peer(identity).map(...MEANS)`.

const images = { key: keyCodec.int, value: codec.ndarray('float64') };
const integers = { key: keyCodec.int, value: codec.int };

/** The graph that all processes run; the reducer writes it. */
export const GRAPH = ['graph', { value: codec.graph }] as const;
/** The state of a worker's graph: the exact sums that its means are made of. */
export const STATE = ['state', { value: codec.auto as Codec<GraphState> }] as const;
/** The number of a worker's events in that state. */
export const EVENTS = ['events', { value: codec.int }] as const;
/** The number of frames of each digit; the reducer writes it, and the next two. */
export const COUNTS = ['counts', integers] as const;
/** The light of all frames of each digit together. */
export const LIGHT = ['light', integers] as const;
/** The mean of all frames of each digit. */
export const MEANS = ['means', images] as const;
