import { all, each, itself, of } from './operation.js';

/** An id that no entry has. */
const NONE = '1-1';

export const STREAMS = [
  ...all('RedisStream', 'read', of.stream, {
    length: (stream) => stream.length,
    first: (stream) => stream.first,
    last: (stream) => stream.last,
    get: (stream) => stream.get(NONE),
    range: (stream) => stream.range({ limit: 2 }),
    'range in reverse': (stream) => stream.range({ reverse: true }),
    toArray: (stream) => stream.toArray(),
    iteration: (stream) => each(stream),
    ttl: (stream) => stream.ttl(),
  }),
  ...all('RedisStream', 'read', itself, {
    follow: async (me) => {
      const follower = of.stream(me).follow({ from: 'start' });
      await follower.next();
      await follower.return?.();
    },
  }),
  ...all('RedisStream', 'write', of.stream, {
    add: (stream) => stream.add('n'),
    'adds of one tick': (stream) => Promise.all([stream.add('n'), stream.add('m')]),
    addMany: (stream) => stream.addMany(['n', 'm']),
  }),
  ...all('RedisStream', 'write', of.streamTtl, { 'add with a ttl': (stream) => stream.add('n') }),
  ...all('RedisStream', 'write', of.streamOf, { 'add with bounds': (stream) => stream.add('n') }),
  ...all('RedisStream', 'free', of.stream, {
    delete: (stream) => stream.delete(NONE),
    'deletes of one tick': (stream) => Promise.all([stream.delete(NONE), stream.delete(NONE)]),
    'trim to a length': (stream) => stream.trim({ maxLength: 1 }),
    'trim by age': (stream) => stream.trim({ maxAge: 0 }),
    clear: (stream) => stream.clear(),
    expire: (stream) => stream.expire(500_000),
    persist: (stream) => stream.persist(),
  }),
];
