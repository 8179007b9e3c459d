import { expect, test } from 'vitest';
import { readRedirection } from '../../../src/executor/ioredis/redirection.js';

test('a redirection names a host, or none for the one that was asked', () => {
  expect(readRedirection('MOVED 3999 127.0.0.1:6381')).toMatchObject({ slot: 3999, host: '127.0.0.1', port: 6381 });
  expect(readRedirection('ASK 0 :6381')).toMatchObject({ kind: 'ASK', slot: 0, host: '', port: 6381 });
  expect(readRedirection('MOVED 16383 ::1:6381')).toMatchObject({ host: '::1', port: 6381 });
  expect(readRedirection('MOVED 1 [fe80::1%lo]:6381')).toMatchObject({ host: 'fe80::1%lo', port: 6381 });
  expect(readRedirection('MOVED 1 redis-0.example-1.local:6381')).toMatchObject({ host: 'redis-0.example-1.local' });
});

test('what leads nowhere is none', () => {
  const words = [
    'MOVED',
    'MOVED ',
    'MOVED 123',
    'MOVED abc x',
    'MOVED abc x:1',
    'MOVED 1 x',
    'ASK 1 ',
    'ASK 5 :0',
    'ASK 5 :',
    'MOVED 1 x:99999',
    'MOVED 1 x:-1',
    'MOVED 1 x:1e3',
    'MOVED 16384 x:1',
    'MOVED -1 x:1',
    'MOVED 1 ?:1',
    'MOVED 1 x:1 y',
    'MOVED  1 x:1',
    'MOVED 1 a b:1',
    'moved 1 x:1',
  ];
  for (const one of words) expect(readRedirection(one), one).toBeUndefined();
});
