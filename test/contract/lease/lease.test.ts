import { describeEachBackend } from '../../support/matrix.js';
import { leaseContract } from './lease.contract.js';
import { leaseQueueContract } from './queue.contract.js';

describeEachBackend('Lease', {}, (backend) => {
  leaseContract(backend);
  leaseQueueContract(backend);
});
