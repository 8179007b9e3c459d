import type * as processes from './processes.js';

/** What tells the processes of a server apart: who lives, who is gone, and what the dead left. */
export type Processes = typeof processes;

let loading: Promise<Processes> | undefined;

/** Loads it with the first call that needs it: most programs are one process. What cannot be loaded is tried again. */
export function loadProcesses(): Promise<Processes> {
  loading ??= import('./processes.js').catch((error: unknown) => {
    loading = undefined;
    throw error;
  });
  return loading;
}
