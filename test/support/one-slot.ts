import type { Namespace } from '../../src/namespace/namespace.js';
import { slotOf } from '../../src/keys/slot.js';

/** Names whose collections share a slot of any cluster: each begins with one of these words. */
export function namesInOneSlot<W extends string>(me: Namespace, words: readonly W[]): Record<W, string> {
  const slot = slotOf(`${me.prefix}${words[0]}0`);
  const names = words.map((word) => {
    let i = 0;
    while (slotOf(`${me.prefix}${word}${i}`) !== slot) i += 1;
    return [word, `${word}${i}`];
  });
  return Object.fromEntries(names) as Record<W, string>;
}
