// The modules that `load-processes.ts` loads.
export { allPeers, livePeers, waitForPeers } from './peers.js';
export { Presence } from './presence.js';
export { reap } from './reap.js';
