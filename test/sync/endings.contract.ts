import { beforeEach, describe, expect, test } from 'vitest';
import { ConflictError, ScopeEndedError } from '../../src/index.js';
import type { Backend } from '../support/matrix.js';
import { rejection, useSubject } from '../contract/subject.js';
import { kinds, leave, open, type Remote, run } from './kinds.js';

/** How scopes end, on every class. */
export function endingsContract(backend: Backend): void {
  const subject = useSubject(backend);

  describe.each(kinds)('$name', (kind) => {
    let remote: Remote;
    beforeEach(async () => {
      remote = kind.make(subject.me, 'c');
      await kind.fill(remote);
    });

    test('discard: nothing is written, and a commit is refused', async () => {
      const local = await open(remote);
      kind.change(local);
      local.discard();
      local.discard();
      await subject.expectNothingSent(async () => {
        const error = await rejection(local.commit());
        expect(error).toBeInstanceOf(ScopeEndedError);
        expect(error).toMatchObject({ code: 'SCOPE_ENDED', message: expect.stringContaining('discarded') as string });
        await leave(local);
      });
      kind.empty(local);
      expect(await kind.content(remote)).toEqual(kind.filled);
    });

    test('discard in the callback: nothing is written, and the result is given', async () => {
      const result = await run(remote, (local) => {
        kind.change(local);
        local.discard();
        return 'done';
      });
      expect(result).toBe('done');
      expect(await kind.content(remote)).toEqual(kind.filled);
    });

    test('a commit writes what there is when it is called, and a discard then forgets the rest', async () => {
      const local = await open(remote);
      kind.change(local);
      const committed = local.commit();
      kind.empty(local);
      local.discard();
      await committed;
      expect(await kind.content(remote)).toEqual(kind.changed);
    });

    test('left: it can be changed on, but not committed', async () => {
      const local = await open(remote);
      kind.change(local);
      await leave(local);
      kind.empty(local);
      await subject.expectNothingSent(async () => {
        expect(await rejection(local.commit())).toBeInstanceOf(ScopeEndedError);
        await leave(local);
        local.discard();
      });
      expect(await kind.content(remote)).toEqual(kind.changed);
    });

    test('left twice at once: written once', async () => {
      const local = await open(remote);
      kind.change(local);
      const sent = await subject.sent(() => Promise.all([leave(local), leave(local)]));
      expect(sent).toHaveLength(1);
      expect(await kind.content(remote)).toEqual(kind.changed);
    });

    test('a throw in the callback writes nothing and rethrows the same', async () => {
      for (const error of [new Error('mine'), 'text', undefined]) {
        const thrown = await rejection(
          run(remote, (local) => {
            kind.change(local);
            throw error;
          }),
        );
        expect(thrown).toBe(error);
        const rejected = await rejection(
          run(remote, async (local) => {
            kind.change(local);
            await Promise.resolve();
            throw error;
          }),
        );
        expect(rejected).toBe(error);
      }
      expect(await kind.content(remote)).toEqual(kind.filled);
    });

    test('what the callback committed before it threw stays', async () => {
      const error = new Error('mine');
      const thrown = await rejection(
        run(remote, async (local) => {
          kind.change(local);
          await local.commit();
          kind.empty(local);
          throw error;
        }),
      );
      expect(thrown).toBe(error);
      expect(await kind.content(remote)).toEqual(kind.changed);
    });

    test('the local one of a callback cannot be committed once that has returned', async () => {
      const local = await run(remote, (one) => ({ one }));
      kind.change(local.one);
      expect(await rejection(local.one.commit())).toBeInstanceOf(ScopeEndedError);
      expect(await kind.content(remote)).toEqual(kind.filled);
    });

    test('a commit that fails while another error is in flight hides neither', async () => {
      const mine = new Error('mine');
      const error = await rejection(
        (async () => {
          await using local = await open(remote, { onConflict: 'throw' });
          kind.change(local);
          await kind.elsewhere(remote);
          throw mine;
        })(),
      );
      expect(error).toMatchObject({ name: 'SuppressedError' });
      expect((error as SuppressedError).error).toBeInstanceOf(ConflictError);
      expect((error as SuppressedError).suppressed).toBe(mine);
      expect(await kind.content(remote)).toEqual(kind.changedElsewhere);
    });

    test('without another error it is thrown as it is', async () => {
      const error = await rejection(
        (async () => {
          await using local = await open(remote, { onConflict: 'throw' });
          kind.change(local);
          await kind.elsewhere(remote);
        })(),
      );
      expect(error).toBeInstanceOf(ConflictError);
      const ofCallback = await rejection(
        run(
          remote,
          async (local) => {
            kind.empty(local);
            await subject.session.client.del(remote.key);
          },
          { onConflict: 'throw' },
        ),
      );
      expect(ofCallback).toBeInstanceOf(ConflictError);
    });
  });
}
