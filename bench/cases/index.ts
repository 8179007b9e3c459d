import type { Case } from '../harness/case.js';
import { clusterGet } from './cluster-get.js';
import { codecs } from './codecs.js';
import { coldStart } from './cold-start.js';
import { counter } from './counter.js';
import { graph } from './graph.js';
import { growth } from './growth.js';
import { images } from './images.js';
import { iterate } from './iterate.js';
import { latency } from './latency.js';
import { list } from './list.js';
import { lru } from './lru.js';
import { mapGetSequential } from './map-get-sequential.js';
import { mapGet } from './map-get.js';
import { mapSet } from './map-set.js';
import { notices } from './notices.js';
import { objects } from './objects.js';
import { setHas } from './set-has.js';
import { state } from './state.js';
import { stream } from './stream.js';
import { syncScope } from './sync.js';
import { values } from './values.js';
import { waveforms } from './waveforms.js';

/** Every case, in the order in which they run and are shown. A new one is a file, and a line here. */
export const CASES: readonly Case[] = [
  mapGet,
  mapSet,
  mapGetSequential,
  objects,
  state,
  waveforms,
  images,
  list,
  stream,
  counter,
  setHas,
  values,
  syncScope,
  iterate,
  codecs,
  graph,
  latency,
  notices,
  growth,
  lru,
  coldStart,
  clusterGet,
];
