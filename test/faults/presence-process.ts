/** A process that announces itself, and is killed or suspended; see presence.test.ts. */
import { connect, IdentityTakenError, Namespace } from '../../src/index.js';

const { port, hostname, id, ttl } = JSON.parse(process.argv[2] ?? '') as {
  readonly port: number;
  readonly hostname: string;
  readonly id: string;
  readonly ttl: number;
};
const client = connect(`redis://127.0.0.1:${port}`);
const me = new Namespace(client, { hostname, processType: 'worker', id });

await me.value('state').set('begun');
const presence = await me.announce({ ttl });
presence.signal.addEventListener('abort', () => {
  const { reason } = presence.signal as { reason: unknown };
  process.send?.({ lost: reason instanceof IdentityTakenError ? reason.holder?.pid : String(reason) });
});
process.on('message', () => process.send?.({ active: presence.active }));
process.send?.('announced');
