/** A process of its own whose scopes compete with those of its like; see sync.test.ts. */
import { codec } from '../../src/codec/index.js';
import { connect } from '../../src/connect.js';
import { Namespace } from '../../src/namespace/namespace.js';

const [port = '', hostname = ''] = process.argv.slice(2);
const client = connect(`redis://127.0.0.1:${port}`);
const me = new Namespace(client, { hostname, processType: 'race', id: 1 });
const hits = me.counter('hits');
const map = me.map('map', { value: codec.int });
const set = me.set('set');
const scores = me.sortedSetCounter('scores');

/** Scopes on each collection: all add to one entry, where it can be added to, and to one of their own. */
async function compete(rounds: number, own: number): Promise<void> {
  for (let round = 0; round < rounds; round += 1) {
    const name = `${own}.${round}`;
    await Promise.all([
      hits.sync((local) => void local.update(['all', name])),
      map.sync((local) => void local.set(name, round)),
      set.sync((local) => void local.add(name)),
      scores.sync((local) => {
        local.increment('all');
        local.set(name, round);
      }),
    ]);
    // What it wrote two rounds ago it removes again.
    const old = `${own}.${round - 2}`;
    if (round < 2) continue;
    await Promise.all([
      map.sync((local) => void local.delete(old), { keys: [old] }),
      set.sync((local) => void local.delete(old), { load: false }),
      hits.sync((local) => void local.decrement('all', 2), { load: false }),
    ]);
  }
}

process.on('message', ({ rounds, own }: { rounds: number; own: number }) => {
  compete(rounds, own).then(
    () => {
      process.send?.('done', () => {
        client.disconnect();
        process.disconnect();
      });
    },
    (error: unknown) => {
      process.send?.(String(error), () => process.exit(1));
    },
  );
});
process.send?.('ready');
