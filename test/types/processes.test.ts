import { describe, expect, test } from 'vitest';
import { messages } from './compile.js';

const START = `import { codec, IdentityTakenError, Namespace, type Identity, type KnownPeer, type SharedNamespace } from 'redimap';
declare const me: Namespace;
declare const client: ConstructorParameters<typeof Namespace>[0];
declare const shared: SharedNamespace;
`;
const complaints = (code: string): string[] => messages(START + code);

describe('shared namespaces and processes', () => {
  const right: Readonly<Record<string, string>> = {
    'a shared namespace has the collections of a namespace': `
      const control = Namespace.shared(client, { hostname: 'beamline-7', processType: 'control', id: 'main' });
      await control.list<string>('requests').push('a');
      await control.map('runs', { value: codec.int }).set('a', 1);
      await control.batch((batch) => void batch.on(control.value<number>('run')).set(1));
      const here: SharedNamespace = Namespace.shared(client, { processType: 'control', id: 7, deadline: 1_000 });`,
    'peers have a state where the dead are listed': `
      const live: Identity[] = await me.peers('worker', { hostname: me.hostname });
      const known: KnownPeer[] = await me.peers(undefined, { dead: true });
      const state: 'live' | 'stopped' | 'expired' | undefined = known[0]?.state;
      for (const peer of known) if (peer.state === 'expired') { const removed: number = await me.reap(peer); }
      const enough: Identity[] = await me.waitForPeers('worker', { count: 2, signal: AbortSignal.timeout(1) });`,
    'who has an identity is known': `
      const presence = await me.announce({ ttl: 5_000 });
      const signal: AbortSignal = presence.signal;
      if (signal.reason instanceof IdentityTakenError) {
        const since: Date | undefined = signal.reason.holder?.since;
        const code: 'IDENTITY_TAKEN' = signal.reason.code;
      }`,
  };
  test.each(Object.entries(right))('%s', (_, code) => expect(complaints(code)).toEqual([]));

  const wrong: Readonly<Record<string, [string, string]>> = {
    'a shared namespace needs an id': ["Namespace.shared(client, { processType: 'control' });", "'id' is missing"],
    'nobody announces it': ['await shared.announce();', "'announce' does not exist"],
    'it asks for no peers': ['await shared.peers();', "'peers' does not exist"],
    'it waits for none': ["await shared.waitForPeers('worker');", "'waitForPeers' does not exist"],
    'it reaps none': ['await shared.reap(me);', "'reap' does not exist"],
    'a peer that is only known to live has no state': [
      "(await me.peers('worker')).map(({ state }) => state);",
      "'state' does not exist",
    ],
    'what is reaped is named in full': ["await me.reap({ processType: 'worker', id: '1' });", 'hostname'],
    'a type of processes is waited for': ['await me.waitForPeers();', 'Expected 1-2 arguments'],
    'a peer cannot be written to, shared or not': [
      "await me.peer(shared).value<number>('a').set(1);",
      "'set' does not exist",
    ],
  };
  test.each(Object.entries(wrong))('%s', (_, [code, message]) => {
    expect(complaints(code).join()).toContain(message);
  });
});
