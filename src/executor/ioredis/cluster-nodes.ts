import { slotOf } from '../../keys/slot.js';
import { refreshSlots } from './slot-table.js';
import { type IoredisClient, type IoredisCluster, nodeAt } from './ioredis-client.js';
import type { Nodes } from './nodes.js';

/** The nodes of a cluster. */
export class ClusterNodes implements Nodes {
  readonly client: IoredisCluster;

  constructor(cluster: IoredisCluster) {
    this.client = cluster;
  }

  watch(listener: (node: IoredisClient) => void): void {
    for (const node of this.client.nodes()) listener(node);
    this.client.on('+node', (node) => listener(node as IoredisClient));
  }

  servingNow(key: string): IoredisClient | undefined {
    const { slots, connectionPool } = this.client;
    const address = slots[slotOf(key)]?.[0];
    return address === undefined ? undefined : connectionPool.getInstanceByKey(address);
  }

  at(address: string): IoredisClient {
    return nodeAt(this.client, address);
  }

  redirectionOf(refusal: Error): string | undefined {
    this.refresh();
    const [kind, , address] = refusal.message.split(' ');
    return kind === 'ASK' ? address : undefined;
  }

  refresh(): void {
    refreshSlots(this.client);
  }
}
