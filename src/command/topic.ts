import { type Command, CommandKind } from './command.js';
import * as readers from './readers.js';

/** A second run would publish a second message. */
const PUBLISH = CommandKind.writing('publish');
const SPUBLISH = CommandKind.writing('spublish');

/**
 * PUBLISH, or SPUBLISH to a channel of one slot of a cluster; the number of receivers.
 * https://redis.io/docs/latest/commands/spublish/
 */
export function publish(channel: string, message: Buffer, isSharded: boolean): Command<number> {
  return (isSharded ? SPUBLISH : PUBLISH).of(channel, [message], readers.integer);
}
