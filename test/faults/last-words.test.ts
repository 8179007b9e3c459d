import { expect, test } from 'vitest';
import { clusterKinds } from '../cluster/cluster-scene.js';
import { ConnectionError, RedimapError } from '../../src/errors.js';
import { Namespace } from '../../src/namespace/namespace.js';
import { describeWithRedis, uniqueHost } from '../support/matrix.js';
import { RawClient } from '../support/raw-client.js';
import { startRedisServer } from '../support/redis-server.js';
import { until, within } from '../support/until.js';
import { clientKinds, text } from './scene.js';

const identity = () => ({ hostname: uniqueHost(), processType: 'test', id: 1 });

async function expectLastWord(me: Namespace, words: RegExp): Promise<void> {
  const calls = [me.map('m', text).get('a'), me.list('l', text).push('x'), me.peers()];
  for (const outcome of await within(Promise.allSettled(calls), 30_000, 'the errors')) {
    expect(outcome).toMatchObject({ status: 'rejected' });
    const { reason } = outcome as PromiseRejectedResult;
    expect(reason).toBeInstanceOf(RedimapError);
    expect(String(reason)).toMatch(words);
    if (reason instanceof ConnectionError)
      expect(reason.cause).toMatchObject({ message: expect.stringMatching(words) });
    expect(String(reason)).not.toContain('wrong-marker');
  }
}

for (const kind of clientKinds) {
  describeWithRedis(`a server that takes no connection [${kind.name}]`, () => {
    test('says why in the error of each call', async () => {
      await using server = await startRedisServer();
      using direct = await RawClient.connect(server.port);
      const cases: readonly (readonly [setting: string, value: string, password: string | undefined, words: RegExp])[] =
        [
          ['maxclients', '1', undefined, /max number of clients/],
          ['requirepass', 'right-one', 'wrong-marker', /WRONGPASS/],
          ['requirepass', 'right-one', undefined, /NOAUTH/],
        ];
      for (const [setting, value, password, words] of cases) {
        await direct.send('CONFIG', 'SET', setting, value);
        const client = kind.open(server.port, { ...(password === undefined ? {} : { password }) });
        client.on('error', () => {});
        try {
          const me = new Namespace(client, { ...identity(), deadline: 250 });
          await until(() => client.status === 'reconnecting', { what: `the first refusal for ${setting}` });
          // The system may tell of the end of a connection before what came over it is read: then it is heard another time.
          await until(
            () =>
              me
                .map('m', text)
                .get('a')
                .catch((error: unknown) => words.test(String(error))),
            { what: `${setting} to be heard` },
          );
          await expectLastWord(me, words);
        } finally {
          client.disconnect();
          await direct.send('CONFIG', 'SET', setting, setting === 'maxclients' ? '10000' : '');
        }
      }
    });
  });
}

for (const kind of clusterKinds) {
  describeWithRedis(`nodes that tell nothing of a cluster [${kind.name}]`, () => {
    test('say why in the error of each call', async () => {
      await using server = await startRedisServer();
      const client = kind.open([{ host: '127.0.0.1', port: server.port }]);
      let refusals = 0;
      client.on('node error', () => (refusals += 1));
      client.on('error', () => {});
      try {
        const me = new Namespace(client, { ...identity(), deadline: 250 });
        await until(() => refusals > 0, { what: 'the first refusal' });
        await expectLastWord(me, /cluster support disabled/);
      } finally {
        client.disconnect();
      }
    });
  });
}
