import calculateSlot from 'cluster-key-slot';

/**
 * Returns the slot of a key in a Redis Cluster, 0-16383.
 *
 * @see https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/#key-distribution-model
 */
export function slotOf(key: string): number {
  return calculateSlot(key);
}
