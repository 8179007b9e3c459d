import * as fc from 'fast-check';
import { Cluster as Cluster5 } from 'ioredis';
import { Cluster as Cluster6 } from 'ioredis-v6';
import { describe, expect, test } from 'vitest';
import { connect } from '../../src/connect.js';
import { RedimapError } from '../../src/errors.js';
import { Namespace } from '../../src/namespace/namespace.js';
import { CLOSE, type FakeAnswer, type FakeServer, startFakeServer } from '../support/fake-server.js';
import type { TestClient } from '../support/matrix.js';
import '../support/properties.js';
import { freePort } from '../support/ports.js';
import { until, within } from '../support/until.js';
import { clientKinds, text } from './scene.js';

type Open = (port: number) => TestClient & { readonly status: string };

const kinds: readonly { readonly name: string; readonly cluster: boolean; readonly open: Open }[] = [
  ...clientKinds.map(({ name, open }) => ({ name, cluster: false, open: (port: number) => open(port) })),
  { name: 'connect() to a cluster', cluster: true, open: (port) => connect([{ host: '127.0.0.1', port }]) },
  {
    name: 'new Cluster() of ioredis 5',
    cluster: true,
    open: (port) => new Cluster5([{ host: '127.0.0.1', port }]),
  },
  {
    name: 'new Cluster() of ioredis 6',
    cluster: true,
    open: (port) => new Cluster6([{ host: '127.0.0.1', port }]),
  },
];

/** What nobody heard of where it happened: outside of all promises that calls return. */
async function unheardDuring(work: () => Promise<unknown>): Promise<unknown[]> {
  const seen: unknown[] = [];
  const listener = (reason: unknown) => seen.push(reason);
  const others = process.listeners('uncaughtException');
  process.removeAllListeners('uncaughtException');
  process.on('uncaughtException', listener);
  process.on('unhandledRejection', listener);
  try {
    await work();
    await new Promise((resolve) => setImmediate(resolve));
    await new Promise((resolve) => setImmediate(resolve));
  } finally {
    process.off('uncaughtException', listener);
    process.off('unhandledRejection', listener);
    for (const other of others) process.on('uncaughtException', other);
  }
  return seen;
}

/** A server that holds one value, and says of everything else that it is fine. */
function sane(name: string): FakeAnswer {
  if (name === 'HGET') return '$1\r\n1\r\n';
  return name === 'HSET' || name === 'HINCRBY' ? ':1\r\n' : '-ERR unknown command\r\n';
}

/** Calls on one key, so that all of them are of one slot. */
function callsOf(me: Namespace): Promise<unknown>[] {
  const map = me.map('m', text);
  const counter = me.counter('m');
  return [map.get('a'), map.set('a', '1'), counter.increment('a'), map.get('b')];
}

async function expectToWork(patient: Namespace, context: string): Promise<void> {
  expect(await within(patient.map('m', text).get('a'), 30_000, `a call after ${context}`), context).toBe('1');
}

const REDIRECTIONS = [
  'MOVED',
  'MOVED 123',
  'MOVED abc x',
  'ASK 1 ',
  'ASK 5 :0',
  'MOVED 1 127.0.0.1:99999',
  'MOVED 1 :1',
  'ASK 16384 127.0.0.1:1',
  'MOVED 1 ::1:1',
  'ASK SLOT 127.0.0.1:99999',
  'MOVED SLOT 127.0.0.1',
  'MOVED SLOT :99999',
  'MOVED SLOT ?:PORT',
  'ASK SLOT ',
];

const slot = (words: string, server: FakeServer, key: number, other: number): string =>
  words.replace('SLOT', `${key}`).replace('PORT', `${server.port}`).replace('NOBODY', `${other}`);

for (const { name, cluster, open } of kinds) {
  describe(`the words of a server [${name}]`, () => {
    async function withServer(
      work: (server: FakeServer, spaces: { readonly hasty: Namespace; readonly patient: Namespace }) => Promise<void>,
    ): Promise<void> {
      await using server = await startFakeServer({ answer: sane, cluster });
      const client = open(server.port);
      (client as unknown as { on(event: string, listener: () => void): void }).on('error', () => {});
      try {
        const identity = { hostname: 'h', processType: 'test', id: 1 };
        const hasty = new Namespace(client, { ...identity, deadline: 150 });
        const patient = new Namespace(client, { ...identity, deadline: 30_000 });
        await until(() => client.status === 'ready', { what: 'the client' });
        await work(server, { hasty, patient });
      } finally {
        client.disconnect();
      }
    }

    test('that redirect to nowhere are the last word of an error, and what comes later works', async () => {
      const unheard = await unheardDuring(() =>
        withServer(async (server, { hasty, patient }) => {
          const { slotOf } = await import('../../src/keys/slot.js');
          const own = slotOf(hasty.map('m', text).key);
          const nobody = await freePort();
          const told: boolean[] = [];
          for (const template of REDIRECTIONS) {
            const words = slot(template, server, own, nobody);
            server.answer = () => `-${words}\r\n`;
            const errors = await within(Promise.allSettled(callsOf(hasty)), 30_000, `the errors after ${words}`);
            for (const error of errors) {
              expect(error.status, words).toBe('rejected');
              const { reason } = error as PromiseRejectedResult;
              expect(reason, words).toBeInstanceOf(RedimapError);
              expect(['CONNECTION', 'UNKNOWN_OUTCOME'], words).toContain((reason as RedimapError).code);
              told.push(String(reason).includes(words.trimEnd()));
            }
            server.answer = sane;
            await expectToWork(patient, words);
          }
          // But for those that time was up for before the first answer.
          expect(told.filter(Boolean).length).toBeGreaterThan(REDIRECTIONS.length);
        }),
      );
      expect(unheard).toEqual([]);
    });

    if (cluster) {
      test('that redirect to the host that was asked lead there, and to nobody do not wedge the slot', async () => {
        const unheard = await unheardDuring(() =>
          withServer(async (server, { patient }) => {
            const { slotOf } = await import('../../src/keys/slot.js');
            const own = slotOf(patient.map('m', text).key);
            const nobody = await freePort();
            for (const template of ['MOVED SLOT :PORT', 'ASK SLOT :PORT', 'MOVED SLOT :NOBODY', 'ASK SLOT :NOBODY']) {
              const words = slot(template, server, own, nobody);
              let left = 2;
              server.answer = (command) => (left-- > 0 ? `-${words}\r\n` : sane(command));
              await expectToWork(patient, words);
              expect(left, words).toBeLessThanOrEqual(0);
            }
            // All that the client knows then is an address where nobody is.
            const said: FakeAnswer[] = [`-ASK ${own} 127.0.0.1:${nobody}\r\n`, CLOSE];
            server.answer = (command) => said.shift() ?? sane(command);
            await expectToWork(patient, 'a redirection to nobody, and the end of the connection');
            await expectToWork(patient, 'that');
          }),
        );
        expect(unheard).toEqual([]);
      });
    }

    test('whatever they are: each call ends by its deadline with a typed error or a value, and later ones work', async () => {
      const word = fc.oneof(
        fc.constantFrom(...REDIRECTIONS, 'MOVED SLOT :NOBODY', 'ASK SLOT 127.0.0.1:NOBODY', 'MOVED SLOT :PORT'),
        fc.constantFrom(
          'LOADING',
          'BUSY ',
          'READONLY x',
          'TRYAGAIN',
          'CLUSTERDOWN ',
          'NOAUTH no',
          'ERR',
          '',
          'EXECABORT x',
        ),
        fc.string({ maxLength: 20 }).map((one) => one.replaceAll(/[\r\n]/g, ' ')),
      );
      const answer = fc.oneof(
        { weight: 6, arbitrary: word.map((one) => `-${one}\r\n`) },
        { weight: 1, arbitrary: fc.constantFrom('+OK\r\n', ':1\r\n', '$-1\r\n', '*0\r\n', '*1\r\n-ERR x\r\n') },
        { weight: 1, arbitrary: fc.constantFrom<FakeAnswer>('HTTP/1.1 502 no\r\n\r\n', 'xyz\r\n', CLOSE) },
      );
      const unheard = await unheardDuring(() =>
        withServer(async (server, { hasty, patient }) => {
          const { slotOf } = await import('../../src/keys/slot.js');
          const own = slotOf(hasty.map('m', text).key);
          const nobody = await freePort();
          await fc.assert(
            fc.asyncProperty(fc.array(answer, { minLength: 1, maxLength: 8 }), async (answers) => {
              const context = JSON.stringify(answers.map(String));
              let next = 0;
              server.answer = (command) => {
                const said = answers[next++];
                if (next > answers.length) return sane(command);
                return typeof said === 'string' ? slot(said, server, own, nobody) : said;
              };
              const outcomes = await within(Promise.allSettled(callsOf(hasty)), 30_000, context);
              for (const outcome of outcomes) {
                if (outcome.status === 'rejected') expect(outcome.reason, context).toBeInstanceOf(RedimapError);
              }
              server.answer = sane;
              await expectToWork(patient, context);
            }),
            { numRuns: 8 },
          );
        }),
      );
      expect(unheard).toEqual([]);
    });
  });
}
