/** A process that makes calls, quits, and is to end by itself; see closing.test.ts. */
import { connect, Namespace } from '../../src/index.js';

const [port = '', hostname = ''] = process.argv.slice(2);
// Were a timer left that waits for the client's silence, this would take a minute and a half.
const client = connect(`redis://127.0.0.1:${port}`, { deadline: 90_000 });
const list = new Namespace(client, { hostname, processType: 'test', id: 1 }).list('list');
for (let i = 0; i < 1_000; i += 1) void list.push(i);
client.once('end', () => {
  process.once('exit', () => process.stdout.write('ended'));
});
await client.quit();
