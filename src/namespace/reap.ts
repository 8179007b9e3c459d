import type { CollectionContext } from '../collections/context.js';
import * as keys from '../command/key.js';
import * as registry from '../command/presence.js';
import type { Identity } from '../keys/identity.js';
import { registryName } from '../keys/registry.js';
import { Claim, takenError } from './claim.js';
import { keysOf } from './keys-of.js';
import { tidy } from './tidy.js';

/** Milliseconds after which an identity is free when the process that reaps it has died. */
const TTL = 10_000;

/**
 * Removes what a dead process left. It claims the identity meanwhile, so that the process cannot come back, and removes
 * nothing without that claim.
 *
 * @returns How many keys were removed.
 * @throws {@link IdentityTakenError} when the process lives, or comes back because this one was suspended.
 */
export async function reap(context: CollectionContext, identity: Identity): Promise<number> {
  const { executor, deadline } = context;
  const name = registryName(identity);
  if ((await executor.run(registry.entryOf(name), deadline)) === undefined) return 0;
  const claim = await Claim.make(context, identity, { ttl: TTL, reaping: true });
  try {
    let removed = 0;
    for await (const found of keysOf(context, identity)) removed += await remove(context, identity, claim, found);
    await markReaped(context, claim, name);
    return removed;
  } finally {
    await claim.release();
  }
}

/** A process that was only suspended must learn that its identity was another's meanwhile. */
async function markReaped(context: CollectionContext, claim: Claim, name: string): Promise<void> {
  const next = `${claim.token}.0 reaped`;
  // Again, when somebody has noted meanwhile that it is gone.
  for (let changed: number | undefined = 1; changed === 1; ) {
    const entry = await context.executor.run(registry.entryOf(name), context.deadline);
    if (entry === undefined) return;
    changed = await tidy(context, registry.end([{ name, entry, next }]));
  }
}

async function remove(
  { executor, deadline }: CollectionContext,
  identity: Identity,
  claim: Claim,
  found: readonly string[],
): Promise<number> {
  const groups = executor.groupBySlot([...new Set(found)], (key) => key);
  const removed = await Promise.all(
    groups.map(async (group): Promise<number> => {
      claim.signal.throwIfAborted();
      const { left } = claim;
      if (left <= 0) throw takenError(identity, undefined);
      // The server compares the claim in the same step where it can: where both are in one slot.
      if (executor.sharesSlot(claim.key, group[0])) {
        const count = await executor.run(registry.clearClaimed(claim.key, claim.token, group), deadline);
        if (count < 0) throw takenError(identity, undefined);
        return count;
      }
      // Otherwise it is not sent after the claim may have expired.
      await executor.run(keys.clear(group), Math.min(left, deadline ?? left));
      return group.length;
    }),
  );
  return removed.reduce((sum, count) => sum + count, 0);
}
