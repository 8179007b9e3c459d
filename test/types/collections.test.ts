import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { describe, expect, test } from 'vitest';
import { compile, messages, root } from './compile.js';

const START = `import { codec, keyCodec, connect, Namespace, RedisList, RedisMap, RedisValue } from 'redimap';
import type { AnyKey, NdArray, RedisClient } from 'redimap';
declare const me: Namespace;
const peer = me.peer({ processType: 'worker', id: 1 });
type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function same<A, B>(..._equal: Equal<A, B> extends true ? [] : ['are different']): void {}
`;

const complaints = (code: string): string[] => messages(START + code);

describe('inference', () => {
  const right: Readonly<Record<string, string>> = {
    'a value codec gives the type of values': `
      const images = me.map('images', { value: codec.ndarray('float64') });
      same<typeof images, RedisMap<string, NdArray<'float64'>>>();
      const runs = me.list('runs', { value: codec.int });
      same<typeof runs, RedisList<number>>();
      const run = me.value('run', { value: codec.bool });
      same<typeof run, RedisValue<boolean>>();`,
    'a key codec gives the type of keys': `
      const byRun = me.map('byRun', { key: keyCodec.int, value: codec.text });
      same<typeof byRun, RedisMap<number, string>>();
      const any = me.map('any', { key: keyCodec.any });
      same<typeof any, RedisMap<AnyKey, unknown>>();`,
    'type arguments say it for the default codecs': `
      const counts = me.map<number>('counts');
      same<typeof counts, RedisMap<string, number>>();
      const limits = me.map<string, number>('limits');
      same<typeof limits, RedisMap<string, number>>();
      const narrow = me.map<'low' | 'high', number>('narrow');
      same<typeof narrow, RedisMap<'low' | 'high', number>>();
      const list = me.list<string>('list');
      same<typeof list, RedisList<string>>();
      const value = me.value<Date>('value');
      same<typeof value, RedisValue<Date>>();`,
    'without any, values are unknown': `
      const map = me.map('map');
      same<typeof map, RedisMap<string, unknown>>();
      const list = me.list('list');
      same<typeof list, RedisList<unknown>>();
      const value = me.value('value');
      same<typeof value, RedisValue<unknown>>();`,
    'results have their types': `
      const map = me.map<number>('map');
      same<Awaited<ReturnType<typeof map.get>>, number | undefined>();
      same<Awaited<ReturnType<typeof map.getMany>>, (number | undefined)[]>();
      same<Awaited<typeof map.size>, number>();
      same<Awaited<ReturnType<typeof map.popEntry>>, [string, number] | undefined>();
      const whole: Map<string, number> = await map.toMap();
      for await (const [key, value] of map) { same<typeof key, string>(); same<typeof value, number>(); }
      for await (const key of map.keys()) same<typeof key, string>();
      const sum = await map.update('a', (total = 0) => total + 1);
      same<typeof sum, number>();
      const removed = await map.update('a', () => undefined);
      same<typeof removed, undefined>();
      const list = me.list<string>('list');
      same<Awaited<ReturnType<typeof list.take>>, string | undefined>();
      const gone: string[] = await list.splice(0, 1, 'a');`,
    'entries come as a Map, pairs, an object, another map': `
      const map = me.map<number>('map');
      await map.setMany(new Map([['a', 1]]));
      await map.setMany([['a', 1], ['b', 2]]);
      await map.setMany({ a: 1 });
      await map.setMany(map);
      await map.setMany(me.map<number>('other').entries());
      await me.map('runs', { key: keyCodec.int, value: codec.int }).setMany([[1, 2]]);`,
    'entries come from array.map, as a native Map takes them': `
      const native = new Map<string, number>(['a'].map((key) => [key, 1]));
      await me.map<number>('map').setMany(['a'].map((key) => [key, 1]));
      await me.map('runs', { key: keyCodec.int, value: codec.int }).setMany([1].map((run) => [run, 1]));`,
    'entries of unknown values come from array.map, too': `
      const native = new Map<string, unknown>(['a'].map((key) => [key, 1]));
      await me.map('map').setMany(['a'].map((key) => [key, 1]));`,
    'a peer reads with the same types': `
      const images = peer.map('images', { value: codec.ndarray('float64') });
      same<Awaited<ReturnType<typeof images.get>>, NdArray<'float64'> | undefined>();
      for await (const [name, image] of images) { same<typeof name, string>(); }
      same<Awaited<ReturnType<ReturnType<typeof me.list<number>>['toArray']>>, number[]>();
      const items: number[] = await peer.list<number>('list').toArray();
      const run: number | undefined = await peer.value<number>('run').get();`,
    'a collection of one’s own can be passed where a peer’s is wanted': `
      import type { ReadonlyRedisList, ReadonlyRedisMap, ReadonlyRedisValue } from 'redimap';
      const map: ReadonlyRedisMap<string, number> = me.map<number>('map');
      const list: ReadonlyRedisList<number> = me.list<number>('list');
      const value: ReadonlyRedisValue<number> = me.value<number>('value');`,
    'a presence is disposable': 'await using presence = await me.announce({ ttl: 1_000 });\nexport {};',
  };
  test.each(Object.entries(right))('%s', (_, code) => {
    expect(complaints(code)).toEqual([]);
  });

  test('the comparison of types can fail', () => {
    expect(complaints('same<RedisMap<string, number>, RedisMap<string, string>>();')).toHaveLength(1);
    expect(complaints('same<any, string>();')).toHaveLength(1);
  });
});

describe('a misuse does not compile, and the message says why', () => {
  const MAP = "const map = me.map<number>('map');\n";
  const wrong: Readonly<Record<string, [code: string, ...says: string[]]>> = {
    'a wrong key': [`${MAP}await map.get(1);`, "'number'", "'string'"],
    'a wrong key for a key codec': ["await me.map('m', { key: keyCodec.int }).get('1');", "'string'", "'number'"],
    'a key that keyCodec.any cannot carry': ["await me.map('m', { key: keyCodec.any }).get(new Date());", "'Date'"],
    'a wrong value': [`${MAP}await map.set('a', '1');`, "'string'", "'number'"],
    'a wrong item': ["await me.list<number>('l').push('1');", "'string'", "'number'"],
    'a wrong value of a value': ["await me.value('v', { value: codec.bool }).set(1);", "'number'", "'boolean'"],
    'another NdArray': [
      "await me.map('m', { value: codec.ndarray('float64') }).set('a', { dtype: 'int8', shape: [1], data: new Int8Array(1) });",
      'int8',
      'float64',
    ],
    'a wrong default': [`${MAP}await map.getOrInsert('a', 'x');`, "'string'", "'number'"],
    'a wrong comparison': [`${MAP}await map.compareAndSet('a', 'x', 1);`, "'string'", "'number'"],
    'an update to something else': [`${MAP}await map.update('a', () => 'x');`, 'string', 'number'],
    'a codec of something else': ["me.map<string>('m', { value: codec.int });", 'number', 'string'],
    'keys that are no text without a key codec': ["me.map<number, string>('m');", "'number'", "'string'"],
    'a forgotten await': [
      `${MAP}const one: number | undefined = map.get('a');`,
      "'Promise<number | undefined>'",
      "'number'",
    ],
    'a forgotten await of size': [`${MAP}if (map.size > 0) console.log();`, "'Promise<number>'"],
    'a synchronous loop': [`${MAP}for (const entry of map) console.log(entry);`, 'Symbol.iterator'],
    'a missing entry taken for granted': [`${MAP}const one: number = await map.get('a');`, "'undefined'", "'number'"],
    'an object of entries where keys are numbers': [
      "await me.map('m', { key: keyCodec.int, value: codec.int }).setMany({ 1: 2 });",
      "'1' does not exist",
    ],
    'a moveTo to a list of others': [
      "await me.list<number>('a').moveTo(me.list<string>('b'));",
      "'string'",
      "'number'",
    ],
    'no process type': ["new Namespace(connect('memory:'), { id: 1 });", "'processType'"],
    'something else as a client': ["new Namespace({ get() {} }, { processType: 'w' });", 'RedisClient'],
    'options of a cluster for one server': ["connect('redis://a', { redisOptions: {} });", 'redisOptions'],
    'an unknown end': ["const l = me.list('a');\nawait l.moveTo(l, { from: 'top' });", '"top"', 'ListEnd'],
  };
  test.each(Object.entries(wrong))('%s', (_, [code, ...says]) => {
    const said = complaints(code);
    expect(said.length, 'it compiles').toBeGreaterThan(0);
    for (const text of says) expect(said.join('\n')).toContain(text);
  });

  const WRITES: Readonly<Record<string, string>> = {
    map: 'set sync setMany delete deleteMany clear pop popEntry swap compareAndSet update getOrInsert getOrInsertComputed expire persist',
    list: 'set sync push unshift pop shift insert splice remove reverse sort clear take moveTo expire persist',
    value: 'set sync delete swap compareAndSet update expire persist',
  };
  test.each(Object.entries(WRITES))('any write to a %s of a peer', (kind, names) => {
    for (const name of names.split(' ')) {
      const said = complaints(`peer.${kind}<number>('x').${name};`);
      expect(said, name).toHaveLength(1);
      expect(said[0]).toContain(`Property '${name}' does not exist`);
      expect(said[0]).toContain('Readonly');
    }
  });

  test('those are all writes: whatever else there is, a peer has', () => {
    for (const [kind, names] of Object.entries(WRITES)) {
      const union = [...names.split(' '), 'ready'].map((name) => `'${name}'`).join(' | ');
      const [own, theirs] = [`typeof me.${kind}<number>`, `typeof peer.${kind}<number>`];
      const members = `Exclude<keyof ReturnType<${own}> & string, keyof ReturnType<${theirs}>>`;
      expect(complaints(`same<${members}, ${union}>();`), kind).toEqual([]);
    }
  });

  test('a list of a peer as the target of moveTo', () => {
    expect(complaints("await me.list<number>('a').moveTo(peer.list<number>('b'));").join()).toContain('Readonly');
  });
});

describe('clients', () => {
  const clients: Readonly<Record<string, string>> = {
    'Redis of ioredis 5': "import { Redis } from 'ioredis';\nnew Namespace(new Redis(), o);",
    'Cluster of ioredis 5': "import { Cluster } from 'ioredis';\nnew Namespace(new Cluster([]), o);",
    'Redis of ioredis 6': "import { Redis } from 'ioredis-v6';\nnew Namespace(new Redis(), o);",
    'Cluster of ioredis 6': "import { Cluster } from 'ioredis-v6';\nnew Namespace(new Cluster([]), o);",
    'ioredis-mock': "import RedisMock from 'ioredis-mock';\nnew Namespace(new RedisMock(), o);",
    'a cluster of ioredis-mock': "import RedisMock from 'ioredis-mock';\nnew Namespace(new RedisMock.Cluster([]), o);",
    'what connect gives': "new Namespace(connect('memory:'), o);\nnew Namespace(connect(['a:1']), o);",
    'what redimap/testing gives':
      "import { createEmbeddedClient } from 'redimap/testing';\nnew Namespace(createEmbeddedClient(), o);",
    'a union of both':
      "import type { Cluster, Redis } from 'ioredis';\ndeclare const c: Redis | Cluster;\nnew Namespace(c, o);",
  };
  test.each(Object.entries(clients))('%s is accepted', (_, code) => {
    expect(complaints(`const o = { processType: 'w' };\n${code}`)).toEqual([]);
  });
});

describe('the shape of the platform', () => {
  /** What the compiler says of RedisMap and RedisList when the native types have one member more. */
  function complaintsWith(declaration: string): string[] {
    const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile) as { config: object };
    const { options } = ts.parseJsonConfigFileContent({ ...config, files: [] }, ts.sys, root);
    const extra = join(root, 'test/types/extra-member.mts');
    const host = ts.createCompilerHost(options);
    const { getSourceFile, fileExists } = host;
    host.fileExists = (path) => path === extra || fileExists(path);
    host.getSourceFile = (path, language, ...rest) =>
      path === extra ? ts.createSourceFile(path, declaration, language) : getSourceFile(path, language, ...rest);
    const files = ['redis-map.ts', 'redis-list.ts'].map((name) => join(root, 'src/collections', name));
    const program = ts.createProgram([...files, extra], options, host);
    return files.flatMap((path) =>
      program
        .getSemanticDiagnostics(program.getSourceFile(path))
        .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n')),
    );
  }

  test('a member that the native Map gains has to be added to RedisMap', () => {
    expect(complaintsWith('export {};')).toEqual([]);
    const said = complaintsWith('declare global { interface Map<K, V> { brandNew(key: K): V } }\nexport {};');
    expect(said.join('\n')).toContain('brandNew');
    expect(said.join('\n')).toContain('RedisMap');
    const property = complaintsWith('declare global { interface Map<K, V> { readonly weight: number } }\nexport {};');
    expect(property.join('\n')).toContain('weight');
  }, 300_000);

  test('the check stands beside the class', () => {
    expect(readFileSync(join(root, 'src/collections/redis-map.ts'), 'utf8')).toContain('MapIsComplete');
    expect(
      compile(
        `${START}const map: import('../../src/collections/platform-shapes.js').AsynchronousMap<string, number, unknown> = me.map<number>('m');`,
      ),
    ).toEqual([]);
  });
});
