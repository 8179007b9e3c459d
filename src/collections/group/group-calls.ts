import * as group from '../../command/stream-group.js';
import type { Command } from '../../command/command.js';
import { ReadonlyError } from '../../errors.js';
import { PARKED } from '../../keys/keys.js';
import type { GroupSource } from './group-source.js';
import type { GroupStats, PendingItem } from './group-types.js';

/** The most items that `pending` returns by default. */
const PENDING_LIMIT = 100;

/** @throws {@link ReadonlyError} for the stream of a peer. */
export function expectWritable({ context, key }: GroupSource<unknown>): void {
  if (context.writable) return;
  throw new ReadonlyError('Only the process that a stream belongs to has consumer groups of it', { key });
}

async function run<R>(source: GroupSource<unknown>, command: Command<R>): Promise<R> {
  if (command.access === 'write') expectWritable(source);
  const { executor, deadline } = source.context;
  return executor.run(command, deadline);
}

/** See `StreamGroup.create`. */
export async function create(source: GroupSource<unknown>): Promise<boolean> {
  return (await run(source, group.join(source.place, undefined, source.from, undefined))).made;
}

/** See `StreamGroup.delete`. */
export function destroy(source: GroupSource<unknown>): Promise<boolean> {
  return run(source, group.destroy(source.place));
}

/** See `StreamGroup.pending`. */
export async function pending(
  source: GroupSource<unknown>,
  {
    limit = PENDING_LIMIT,
    consumer,
    after,
  }: { limit?: number | undefined; consumer?: string | undefined; after?: string | undefined },
): Promise<PendingItem[]> {
  if (!Number.isSafeInteger(limit) || limit < 1) throw new RangeError('limit must be a whole number of 1 or more');
  const from = after === undefined ? '-' : `(${after}`;
  const found = await run(source, group.pending(source.place, from, limit, consumer));
  return found.map((item) => ({ ...item, consumer: item.consumer === PARKED ? undefined : item.consumer }));
}

/** See `StreamGroup.stats`. */
export async function stats(source: GroupSource<unknown>): Promise<GroupStats> {
  return run(source, group.stats(source.place));
}
