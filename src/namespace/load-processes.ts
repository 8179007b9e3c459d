import { loadOnce } from '../load-once.js';
import type * as processes from './processes.js';

/** The processes of a server: who lives, who is gone, and what the dead left. */
export type Processes = typeof processes;

/** Loads it with the first call that needs it: most programs are one process. */
export const loadProcesses = loadOnce((): Promise<Processes> => import('./processes.js'));
