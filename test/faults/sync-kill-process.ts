/** A process that is killed in the middle of a commit; see sync-kill.test.ts. */
import { connect } from '../../src/connect.js';
import { Namespace, sync } from '../../src/index.js';
import { changeAll, collectionsOf, type KillNames } from './sync-kill-scene.js';

const { nodes, natMap, hostname, names } = JSON.parse(process.argv[2] ?? '') as {
  readonly nodes: readonly { readonly host: string; readonly port: number }[];
  readonly natMap: Record<string, { host: string; port: number }> | null;
  readonly hostname: string;
  readonly names: KillNames;
};
const [first] = nodes;
// Its bytes are counted: a client that asks anew where the slots are, now and then, would add to those of the commit.
const options = { natMap: natMap ?? {}, slotsRefreshInterval: 0 };
const client = natMap === null ? connect(`redis://127.0.0.1:${first?.port}`) : connect([...nodes], options);
const me = new Namespace(client, { hostname, processType: 'kill', id: 1 });
const collections = collectionsOf(me, names);

/** Waits for a word from the parent. */
const told = (): Promise<unknown> => new Promise((resolve) => process.once('message', resolve));

process.send?.('started');
// One round for each word, until it is killed or told to end.
for (let word = await told(); word !== 'end'; word = await told()) {
  const alone = word === 'map';
  const open = async (work: () => Promise<void>): Promise<void> => {
    if (alone) await collections.map.sync(async (map) => (changeAll({ map }), work()));
    else await sync(collections, async (local) => (changeAll(local), work()));
  };
  await open(async () => {
    process.send?.('changed');
    await told();
  });
  process.send?.('committed');
}
client.disconnect();
process.disconnect();
