// Loaded into every process of the demo: a worker dies at its tenth batch, without a chance to tidy up.
import { syncBuiltinESMExports } from 'node:module';
import timers from 'node:timers/promises';

if (process.send !== undefined) {
  const { setImmediate } = timers;
  let batches = 0;
  timers.setImmediate = (...args) => {
    batches += 1;
    if (batches < 10) return setImmediate(...args);
    console.error('the detector is on fire');
    process.exit(7);
  };
  syncBuiltinESMExports();
}
