/** A process of its own that counts with its like; see counter.test.ts. It is told what to do by its parent. */
import { connect, Namespace } from '../../src/index.js';

const [port = '', hostname = ''] = process.argv.slice(2);
const client = connect(`redis://127.0.0.1:${port}`);
const me = new Namespace(client, { hostname, processType: 'race', id: 1 });
const counter = me.counter('counter');
const deque = me.deque<number>('deque', { maxLength: 5 });

/** What a process of this kind found out. */
export interface CounterReport {
  readonly counts: number[];
  readonly lengths: number[];
  readonly defaults: number[];
}

async function count(rounds: number, own: number): Promise<CounterReport> {
  const defaults = me.defaultMap<number>('defaults', { factory: (key) => own * 1_000 + Number(key) });
  const report: CounterReport = { counts: [], lengths: [], defaults: [] };
  for (let round = 0; round < rounds; round += 1) {
    report.counts.push(await counter.increment('a'));
    report.lengths.push(await deque.push(round, round), (await deque.toArray()).length);
    report.defaults.push(await defaults.get(String(round)));
  }
  return report;
}

process.on('message', ({ rounds, own }: { rounds: number; own: number }) => {
  count(rounds, own).then(
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
