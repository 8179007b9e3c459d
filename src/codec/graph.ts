import { CodecError } from '../errors.js';
import { ComputationGraph } from '../graph/computation-graph.js';
import { auto } from './auto/auto.js';
import type { Codec } from './codec.js';

/** `codec.graph`; documented at {@link codec}. */
export const graph: Codec<ComputationGraph> = {
  encode: (value) => {
    if (!(value instanceof ComputationGraph)) throw new CodecError('codec.graph: the value is not a ComputationGraph');
    return auto.encode(value);
  },
  decode: (bytes) => {
    const value = auto.decode(bytes);
    if (!(value instanceof ComputationGraph)) throw new CodecError('codec.graph: the bytes are not a ComputationGraph');
    return value;
  },
};
