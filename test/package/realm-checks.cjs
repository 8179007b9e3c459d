'use strict';
const vm = require('node:vm');

/*
 * What must hold wherever the package and its users live in different realms, or both in one that is not Node's main
 * one: in Jest, in the vm pools of vitest, in `vm`. Nothing of a test runner is used, so that it runs in all of them.
 */

/** Makes values; as text as well, so that yet another realm can make its own. */
function makeValues({ Buffer }) {
  const big = new Float64Array(3000).map((_, i) => i / 3);
  const cyclic = { list: [1] };
  cyclic.list.push(cyclic);
  const typed = {
    Int8Array: new Int8Array([-1, 2]),
    Uint8Array: new Uint8Array([1, 255]),
    Uint8ClampedArray: new Uint8ClampedArray([1, 255]),
    Int16Array: new Int16Array([-1, 2]),
    Uint16Array: new Uint16Array([1, 65535]),
    Int32Array: new Int32Array([-1, 2]),
    Uint32Array: new Uint32Array([1, 4294967295]),
    Float32Array: new Float32Array([1.5, -0]),
    Float64Array: new Float64Array([1.5, 2]),
    BigInt64Array: new BigInt64Array([-1n, 2n]),
    BigUint64Array: new BigUint64Array([1n, 2n ** 63n]),
    DataView: new DataView(new Uint8Array([1, 2, 3]).buffer, 1),
    ArrayBuffer: new Uint8Array([1, 2, 3]).buffer,
    Buffer: Buffer.from([1, 2, 254]),
  };
  if (typeof Float16Array === 'function') typed.Float16Array = new Float16Array([1.5, -0]);
  const carried = {
    ...typed,
    big,
    nested: { f: new Float64Array([1.5, 2]), zero: -0, large: 2n ** 80n, small: 5n, list: [1, , -0, typed] },
    ndarray: { dtype: 'float64', shape: [1, 2], data: new Float64Array([1.5, 2]) },
    ndarrays: [
      { dtype: 'bool', shape: [2], data: new Uint8Array([1, 0]) },
      { n: { dtype: 'int64', shape: [], data: new BigInt64Array(1) } },
    ],
    map: new Map([
      [{ a: -0 }, new Set([1n, new Date(5)])],
      ['m', new Map()],
    ]),
    set: new Set(['a', new Uint16Array([1])]),
    date: new Date(-1),
    invalid: new Date(NaN),
    error: new TypeError('x', { cause: new RangeError('y') }),
    own: Object.assign(new (class OwnError extends SyntaxError {})('z'), { code: 'OWN', at: new Float32Array(2) }),
    aggregate: new AggregateError([new Error('a'), 5n], 'b'),
    bare: Object.assign(Object.create(null), { a: { b: [new Float64Array(1)] } }),
    proto: JSON.parse('{"__proto__":{"a":1},"b":[2]}'),
    surrogate: { '\ud800': '\udc00', b: new Float64Array([2]) },
    text: ['größe', 'x'.repeat(300), '\ufeff'],
  };
  const refused = {
    function: [() => 1],
    symbol: [Symbol('s')],
    regexp: [/a/],
    promise: [Promise.resolve()],
    weak: [new WeakMap()],
    boxed: [Object(1)],
    shared: [new SharedArrayBuffer(2)],
    instance: [
      new (class Point {
        x = 1;
      })(),
    ],
    array: [new (class Stack extends Array {})()],
    typed: [new (class Samples extends Float64Array {})(2)],
    bytes: [new (class Raw extends Uint8Array {})(2)],
    map: [new (class Registry extends Map {})()],
    date: [new (class Day extends Date {})()],
    symbolKey: [{ [Symbol('s')]: 1 }],
  };
  return { typed, carried, refused, cyclic };
}

const tagOf = (value) => Object.prototype.toString.call(value).slice(8, -1);
const hex = (value) =>
  (ArrayBuffer.isView(value)
    ? Buffer.from(value.buffer, value.byteOffset, value.byteLength)
    : Buffer.from(value)
  ).toString('hex');

/** A value as text that tells all that is to be kept of it, and nothing of its realm. */
function show(value, seen = []) {
  if (Object.is(value, -0)) return '-0';
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value !== 'object' || value === null) return String(value);
  if (seen.includes(value)) return `^${seen.indexOf(value)}`;
  const inside = [...seen, value];
  const tag = Buffer.isBuffer(value) ? 'Buffer' : tagOf(value);
  const list = (values) => Array.from(values, (item) => show(item, inside)).join();
  if (ArrayBuffer.isView(value) || tag === 'ArrayBuffer') return `${tag}<${hex(value)}>`;
  if (tag === 'Date') return `Date<${value.getTime()}>`;
  if (tag === 'Map' || tag === 'Set') return `${tag}<${list([...value].flat())}>`;
  if (tag === 'Array') return `[${list(value)}]`;
  const hidden = tag === 'Error' ? ['name', 'message', 'cause', 'errors'].map((key) => show(value[key], inside)) : [];
  const own = Object.keys(value).map((key) => `${JSON.stringify(key)}:${show(value[key], inside)}`);
  return `${tag}{${[...hidden, ...own].join()}}`;
}

/** What does not hold, a line each. */
module.exports = async function check(redimap) {
  const { codec, keyCodec, ndarray, CodecError, ComputationGraph, input, ops } = redimap;
  const problems = [];
  const expect = (what, found, expected) => {
    if (found !== expected) problems.push(`${what}: ${found} instead of ${expected}`);
  };
  const refuse = (what, call) => {
    try {
      problems.push(`${what}: not refused, but ${show(call())}`);
    } catch (error) {
      expect(`${what}: error`, error instanceof CodecError, true);
      expect(`${what}: error text`, /cannot be|is not|nothing that/.test(error.message), true);
    }
  };
  const far = vm.runInNewContext(`(${makeValues})({ Buffer })`, { Buffer });
  for (const [realm, { typed, carried, refused, cyclic }] of Object.entries({ own: makeValues({ Buffer }), far })) {
    for (const [name, value] of Object.entries(carried)) {
      for (const way of ['auto', 'structured']) {
        const { encode, decode } = codec[way];
        const once = (given) => {
          try {
            return show(decode(encode(given)));
          } catch (error) {
            return `${error}, ${error.cause?.stack}`;
          }
        };
        expect(`${realm} ${name} by ${way}`, once(value), show(value));
        expect(`${realm} [${name}] by ${way}`, once([value, { value }]), show([value, { value }]));
      }
    }
    const around = codec.structured.decode(codec.structured.encode(cyclic));
    expect(`${realm} cycle`, around.list[1], around);
    for (const [name, value] of Object.entries(refused)) {
      refuse(`${realm} ${name}`, () => codec.auto.decode(codec.auto.encode(value)));
      refuse(`${realm} ${name} by structured`, () => codec.structured.decode(codec.structured.encode(value)));
      if (name !== 'typed' && name !== 'bytes')
        refuse(`${realm} ${name} as an array`, () => codec.typedArray('float64').encode(value[0]));
    }
    for (const [name, array] of Object.entries(typed)) {
      if (/Array$/.test(name) && name !== 'Float16Array') {
        const { encode, decode } = codec.typedArray(array.constructor);
        expect(`${realm} codec.typedArray ${name}`, show(decode(encode(array))), show(array));
        const class_ = globalThis[name];
        expect(`${realm} codec.typedArray of here ${name}`, decode(encode(array)) instanceof array.constructor, true);
        expect(
          `${realm} codec.typedArray ${name}, its class here`,
          codec.typedArray(class_).decode(encode(array)) instanceof class_,
          true,
        );
        if (name !== 'Uint8ClampedArray') {
          const made = ndarray(array, [1, 2]);
          const npy = codec.ndarray();
          expect(`${realm} codec.ndarray ${name}`, show(npy.decode(npy.encode(made))), show(made));
        }
      }
      if (name === 'Buffer' || name === 'Uint8Array') {
        const bytes = codec.bytes.decode(codec.bytes.encode(array));
        expect(`${realm} codec.bytes ${name}`, hex(bytes), hex(array));
        expect(`${realm} decode of ${name}`, codec.text.decode(codec.text.encode('a')), 'a');
        const document = codec.auto.encode({ a: 1 });
        const given = name === 'Buffer' ? document : new array.constructor(document);
        expect(`${realm} bytes as ${name}`, show(codec.auto.decode(given)), show({ a: 1 }));
        expect(
          `${realm} keyCodec.any ${name}`,
          show(keyCodec.any.decode(keyCodec.any.encode([array]))),
          `[Buffer<${hex(array)}>]`,
        );
      } else refuse(`${realm} codec.bytes ${name}`, () => codec.bytes.encode(array));
      refuse(`${realm} codec.json ${name}`, () => codec.json.encode(name === 'Buffer' ? new Map() : array));
    }
    const schema = {
      '~standard': { version: 1, vendor: 'own', validate: (value) => ({ value: { ...value, more: carried.nested } }) },
    };
    const state = codec.state(schema);
    expect(
      `${realm} codec.state`,
      show(state.decode(state.encode({ at: carried.date }))),
      show({ at: carried.date, more: carried.nested }),
    );
    const squeezed = codec.compressed(codec.auto);
    expect(`${realm} codec.compressed`, show(squeezed.decode(squeezed.encode(carried.nested))), show(carried.nested));
    await checkCollections(redimap, realm, carried, expect);
  }

  // What comes back is of the classes that the user has.
  const back = codec.auto.decode(codec.auto.encode(makeValues({ Buffer }).carried));
  for (const name of ['Float64Array', 'Uint8Array', 'DataView', 'ArrayBuffer', 'Map', 'Set', 'Date', 'Buffer']) {
    const value = back[name] ?? back[name.toLowerCase()];
    expect(`a ${name} that comes back is one`, value instanceof globalThis[name], true);
  }
  expect('an error that comes back', back.error instanceof TypeError && back.own instanceof SyntaxError, true);
  expect('an object that comes back', Object.getPrototypeOf(back.nested), Object.prototype);
  expect('an array that comes back', Object.getPrototypeOf(back.nested.list), Array.prototype);

  // A DOMException is of the main realm in Jest, and by no brand an error.
  const aborted = codec.auto.decode(codec.auto.encode(AbortSignal.abort().reason));
  expect('a DOMException', `${aborted instanceof Error} ${aborted.name}`, 'true AbortError');
  const graph = ComputationGraph.of({ total: ops.sum(input.array('image', { rank: 1 })) });
  expect('a graph', codec.graph.decode(codec.graph.encode(graph)).hash, graph.hash);
  const compiled = graph.compile();
  const own = compiled({ image: ndarray(new Float64Array([1.5, 2])) });
  expect('a graph that runs', show(compiled({ image: ndarray(far.typed.Float64Array) })), show(own));
  await checkOutage(redimap, expect);
  return problems;
};

async function checkCollections({ connect, Namespace }, realm, carried, expect) {
  const redis = connect('memory:');
  const me = new Namespace(redis, { hostname: 'host', processType: realm, id: 1 });
  const map = me.map('map');
  await map.set('nested', carried.nested);
  await map.setMany(carried.map.constructor === Map ? new Map([['a', carried.set]]) : [['a', carried.set]]);
  expect(`${realm} map`, show([await map.get('nested'), await map.get('a')]), show([carried.nested, carried.set]));
  await me.list('list').push(carried.ndarray, carried.error);
  expect(`${realm} list`, show(await me.list('list').toArray()), show([carried.ndarray, carried.error]));
  const counter = me.counter('counter');
  await counter.update(
    new carried.map.constructor([
      ['a', 2],
      ['b', 3],
    ]),
  );
  expect(
    `${realm} counter`,
    show(await counter.toMap()),
    show(
      new Map([
        ['a', 2],
        ['b', 3],
      ]),
    ),
  );
  expect(
    `${realm} counter plus`,
    show(await counter.plus(new carried.map.constructor([['b', 4]]))),
    show(
      new Map([
        ['a', 2],
        ['b', 7],
      ]),
    ),
  );
  const set = me.set('set', { data: new carried.set.constructor(['x', 'y']) });
  await set.ready;
  expect(`${realm} set`, show(await set.intersection(new carried.set.constructor(['y', 'z']))), show(new Set(['y'])));
  await me.map('data', { data: new carried.map.constructor([['k', carried.bare]]) }).ready;
  expect(`${realm} data`, show(await me.map('data').toMap()), show(new Map([['k', { ...carried.bare }]])));
  await map.sync((local) => local.get('nested').list.push(carried.typed));
  await map.sync((local) => void local.set('new', carried.map));
  expect(`${realm} scope`, show(await map.get('new')), show(carried.map));
  redis.disconnect();
}

/** The errors of sockets are of the main realm: they are an outage all the same. */
async function checkOutage({ connect, Namespace }, expect) {
  const redis = connect('redis://127.0.0.1:1', { deadline: 200 });
  redis.on('error', () => {});
  const me = new Namespace(redis, { hostname: 'host', processType: 'outage', id: 1 });
  const error = await me
    .map('map')
    .get('a')
    .then(
      () => undefined,
      (reason) => reason,
    );
  expect('an outage', `${error?.code}, ${error?.cause?.code}`, 'CONNECTION, ECONNREFUSED');
  redis.disconnect();
}
