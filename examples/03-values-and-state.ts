// One value that several processes change, and state that outlives the program that wrote it.
import assert from 'node:assert/strict';
import { z } from 'zod';
import { codec, connect, Namespace } from '../src/index.js';

const redis = connect(process.env['REDIS_URL'] ?? 'memory:');
const me = new Namespace(redis, { processType: 'example-state' });

const run = me.value('run', { value: codec.int });
await run.set(41);
assert.equal(await run.swap(42), 41);

// Only a process that knows the current value can replace it.
assert.equal(await run.compareAndSet(41, 99), false);
assert.equal(await run.compareAndSet(42, 43), true);

// The function is called again if another change came first, so that no change is lost.
await Promise.all(Array.from({ length: 10 }, () => run.update((number = 0) => number + 1)));
console.log('run', await run.get());
assert.equal(await run.get(), 53);

// Last year's program stored only a threshold …
const Old = z.object({ threshold: z.number() });
await me.value('settings', { value: codec.state(Old, { version: 1 }) }).set({ threshold: 12 });

// … this year's has units, and a migration from the old form.
const Settings = z.object({ threshold: z.number().positive(), unit: z.enum(['eV', 'keV']) });
const settings = me.value('settings', {
  value: codec.state(Settings, {
    version: 2,
    migrate: (old, version) => {
      console.log(`  migrating from version ${version}`);
      return { ...(old as z.infer<typeof Old>), unit: 'eV' };
    },
  }),
});
console.log('settings', await settings.get());
assert.deepEqual(await settings.get(), { threshold: 12, unit: 'eV' });

// Any write stores the current version, which needs no migration.
await settings.update((now) => ({ unit: 'keV', threshold: (now?.threshold ?? 0) / 1_000 }));
assert.deepEqual(await settings.get(), { threshold: 0.012, unit: 'keV' });

// A value that the schema refuses is never written.
await assert.rejects(settings.set({ threshold: -1, unit: 'eV' }), { code: 'CODEC' });
console.log('a threshold of -1 was refused');

await me.clear();
redis.disconnect();
