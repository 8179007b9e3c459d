import { expect, it } from 'vitest';
import { codec, WrongTypeError } from '../../src/index.js';
import { rejection, useSubject } from '../contract/subject.js';
import { describeEachBackend } from '../support/matrix.js';

/** Long enough to be sent command by command rather than as a pipeline. */
const LARGE = Buffer.alloc(300_000, 7);

describeEachBackend('a transaction with a large argument', {}, (backend) => {
  const subject = useSubject(backend);

  it('runs as a whole, in its place among the calls of its tick', async () => {
    const map = subject.me.map('large', { value: codec.bytes });
    const calls = [
      map.set('a', Buffer.from('before')),
      map.swap('a', LARGE),
      map.get('a'),
      map.swap('a', Buffer.from('after')),
    ] as const;
    const [, before, read, replaced] = await Promise.all(calls);
    expect(before?.toString()).toBe('before');
    expect(LARGE.equals(read as Buffer)).toBe(true);
    expect(LARGE.equals(replaced as Buffer)).toBe(true);
    expect((await map.get('a'))?.toString()).toBe('after');
  });

  it('says what was refused', async () => {
    await subject.me.list('held').push('a');
    expect(await rejection(subject.me.value('held', { value: codec.bytes }).set(LARGE))).toBeInstanceOf(WrongTypeError);
    expect(await rejection(subject.me.map('held', { value: codec.bytes }).swap('a', LARGE))).toBeInstanceOf(
      WrongTypeError,
    );
    expect(await subject.me.list('held').toArray()).toEqual(['a']);
  });
});
