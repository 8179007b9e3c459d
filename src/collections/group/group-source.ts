import type { GroupPlace } from '../../command/stream-group.js';
import type { CollectionContext } from '../context.js';
import type { EntryCodec } from '../stream-entries.js';

/** The parts of its stream that a group needs. */
export interface GroupStream<T> {
  readonly context: CollectionContext;
  readonly key: string;
  readonly decode: EntryCodec<T>['decode'];
}

/** A group of a stream, as its calls and consumers need it. */
export interface GroupSource<T> extends GroupStream<T> {
  /** The id after which a new group begins; `$` for the last one at that time. */
  readonly from: string;
  readonly place: GroupPlace;
}
