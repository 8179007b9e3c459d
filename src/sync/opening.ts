import { transaction } from '../command/command.js';
import { ScanOrigin, StaleCursor } from '../command/scan-origin.js';
import { commitTogether } from './commit.js';
import { Scope } from './scope.js';
import { groupBySlot } from './slots.js';
import type { Changes, Load, Tracker } from './tracker.js';

/** Loads the collections, and gives the scope that writes back what changed in them. */
export async function openScope(trackers: readonly Tracker[]): Promise<Scope> {
  await Promise.all(trackers.map(({ source }) => source.ready()));
  await Promise.all(groupBySlot(trackers).map(loadTogether));
  return new Scope(() => commitAll(trackers), { writesAgain: true });
}

/** Loads collections of one slot in one snapshot, as far as they come in one step. */
async function loadTogether(trackers: readonly Tracker[]): Promise<void> {
  const loads = trackers.map((tracker) => tracker.load()).filter((load) => load !== undefined);
  const [first, ...others] = loads;
  if (first === undefined) return;
  const { executor, deadline } = (trackers[0] as Tracker).source;
  const origin = new ScanOrigin();
  const next: (Load | undefined)[] =
    others.length === 0
      ? [await executor.run(first.with({ origin }), deadline)]
      : await executor.run(
          transaction([first, ...others], (raws) => loads.map((load, i) => load.reply(raws[i] ?? null))).with({
            origin,
          }),
          deadline,
        );
  await Promise.all(
    next.map(async (second, i) => {
      const own = origin.clone();
      for (let step = second; step !== undefined; ) {
        try {
          step = await executor.run(step.with({ origin: own }), deadline);
        } catch (error) {
          if (!(error instanceof StaleCursor)) throw error;
          own.restart();
          step = loads[i];
        }
      }
    }),
  );
}

async function commitAll(trackers: readonly Tracker[]): Promise<void> {
  const changes: Changes[] = [];
  try {
    for (const tracker of trackers) {
      const some = tracker.changes();
      if (some !== undefined) changes.push(some);
    }
  } catch (error) {
    for (const some of changes) some.failed();
    throw error;
  }
  const outcomes = await Promise.allSettled(groupBySlot(changes).map(commitTogether));
  const errors = outcomes.flatMap((outcome): unknown[] => (outcome.status === 'rejected' ? [outcome.reason] : []));
  if (errors.length === 1) throw errors[0];
  if (errors.length > 1) throw new AggregateError(errors, `${errors.length} of ${outcomes.length} steps failed`);
}
