import { expect, test } from 'vitest';
import { messages } from './compile.js';

const START = `import { type HeldLease, Lease, type LeaseHolder, Namespace } from 'redimap';
declare const me: Namespace;
const lease = me.lease('writer', { ttl: 1_000, owner: 'me' });
const peer = me.peer({ processType: 'worker', id: 1 }).lease('writer');
`;
const complaints = (code: string): string[] => messages(START + code);

test('what a lease gives is typed', () => {
  expect(
    complaints(`
      const same: Lease = new Lease(me, 'writer');
      const held: HeldLease = await lease.acquire({ wait: 100, signal: AbortSignal.timeout(50) });
      const perhaps: HeldLease | undefined = await lease.tryAcquire();
      const token: number = held.token;
      const signal: AbortSignal = held.signal;
      const released: boolean = await held.release();
      const holder: LeaseHolder | undefined = await peer.holder();
      const length: number = await lease.run(async ({ token, signal }) => [token, signal].length, { wait: 0 });
      await using scoped = await lease.acquire();`),
  ).toEqual([]);
});

test.each([
  ['a peer does not take it', 'await peer.acquire();', "Property 'acquire' does not exist"],
  ['nor does it run anything with it', 'await peer.run(() => 1);', "Property 'run' does not exist"],
  ['a lease that may not be there is looked at first', '(await lease.tryAcquire()).token;', 'possibly'],
  ['a token is not changed', '(await lease.acquire()).token = 1;', 'read-only'],
  ['it takes no data', "me.lease('writer', { data: 1 });", "'data' does not exist"],
  ['a batch does not take it', 'me.batch((batch) => void batch.on(lease));', 'not assignable'],
  ['a scope does not take it', "import { sync } from 'redimap'; await sync({ lease }, () => {});", 'is missing'],
])('%s', (_title, code, said) => {
  expect(complaints(code).join()).toContain(said);
});
