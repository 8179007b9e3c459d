import { beforeEach, expect, test } from 'vitest';
import { codec, ConflictError, Namespace } from '../../../src/index.js';
import { describeEachBackend, useBackend } from '../../support/matrix.js';

describeEachBackend('initial data with a lifetime', {}, (backend) => {
  const session = useBackend(backend);
  let me: Namespace;

  beforeEach(async () => {
    me = new Namespace(session.client, { hostname: session.host, processType: 'test', id: 1 });
    await me.clear();
    return () => me.clear();
  });

  test('a refused or attached creation leaves the lifetime of what is there alone', async () => {
    const there = me.map('map', { value: codec.int });
    await there.set('a', 1);
    const refused = me.map('map', { value: codec.int, data: { b: 2 }, ttl: 5_000 });
    await expect(refused.ready).rejects.toBeInstanceOf(ConflictError);
    expect(await there.ttl()).toBeNull();
    await me.map('map', { value: codec.int, data: { b: 2 }, ttl: 5_000, ifExists: 'attach' }).ready;
    expect(await there.ttl()).toBeNull();
    expect(await there.toMap()).toEqual(new Map([['a', 1]]));
  });

  test.each(['fail', 'attach', 'merge', 'replace'] as const)('a new collection has it, under %s', async (ifExists) => {
    const map = me.map('map', { value: codec.int, data: { b: 2 }, ttl: 50_000, ifExists });
    expect(await map.get('b')).toBe(2);
    expect(await map.ttl()).toBeGreaterThan(40_000);
  });

  test('more entries than the stack holds arguments go in one transaction', async () => {
    const count = backend.kind === 'embedded' ? 2_000 : 200_000;
    const data = Array.from({ length: count }, (_, i): [string, number] => [`f${i}`, i]);
    const map = me.map('map', { value: codec.int, data, ifExists: 'replace', ttl: 60_000 });
    expect(await map.size).toBe(count);
    await map.setMany(data.map(([key, value]) => [key, -value]));
    expect(await map.get('f7')).toBe(-7);
  });
});
