// Loaded into every process of the demo: workers stop at their fiftieth batch, in the middle, until their parent hangs up.
import { once } from 'node:events';
import { syncBuiltinESMExports } from 'node:module';
import timers from 'node:timers/promises';

if (process.send !== undefined) {
  const { setImmediate } = timers;
  const hungUp = once(process, 'disconnect');
  let batches = 0;
  timers.setImmediate = async (...args) => {
    batches += 1;
    if (batches >= 50) await hungUp;
    return setImmediate(...args);
  };
  syncBuiltinESMExports();
}
