/** A process of its own that competes with its like; see processes.test.ts. It is told what to do by its parent. */
import { codec } from '../../src/codec/index.js';
import { connect } from '../../src/connect.js';
import { Namespace } from '../../src/namespace/namespace.js';

const [port = '', hostname = ''] = process.argv.slice(2);
const client = connect(`redis://127.0.0.1:${port}`);
const me = new Namespace(client, { hostname, processType: 'race', id: 1 });
const map = me.map('map', { value: codec.int });
const value = me.value('value', { value: codec.int });
const list = me.list('list', { value: codec.int });

/** What a process of this kind found out. */
export interface RivalReport {
  readonly won: number[];
  readonly inserted: number[];
  readonly swapped: number[];
  readonly taken: number[];
}

async function compete(rounds: number, own: number): Promise<RivalReport> {
  const report = { won: [] as number[], inserted: [] as number[], swapped: [] as number[], taken: [] as number[] };
  for (let round = 0; round < rounds; round += 1) {
    // Whoever is first in a round puts the prize up; each round has one.
    if (await map.compareAndSet(`prize-put${round}`, undefined, 1)) await map.set(`prize${round}`, round);
    if ((await map.pop(`prize${round}`)) !== undefined) report.won.push(round);
    report.inserted.push(await map.getOrInsert(`insert${round}`, own * 1_000_000 + round));
    await map.update('count', (count = 0) => count + 1);
    await value.update((count = 0) => count + 1);
    const item = await list.take({ timeout: 60_000 });
    if (item !== undefined) report.taken.push(item);
    await list.push(own * 1_000_000 + round);
  }
  return report;
}

process.on('message', ({ rounds, own }: { rounds: number; own: number }) => {
  compete(rounds, own).then(
    (report) => {
      process.send?.(report, () => {
        client.disconnect();
        process.disconnect();
      });
    },
    (error: unknown) => {
      process.send?.({ error: String(error) }, () => process.exit(1));
    },
  );
});
process.send?.('ready');
