import { defineCase } from '../harness/case.js';
import { openClients, PLAIN_CLIENTS } from '../subjects/index.js';
import { openOurs } from '../subjects/redimap.js';
import { concurrently, namesOf } from './concurrent.js';

const CALLS = 10_000;

/** Membership: half of the members are there. */
export const setHas = defineCase({
  name: 'set.has',
  title: '10,000 concurrent set.has',
  needs: 'server',
  async run(bench) {
    const { me } = await openOurs(bench);
    const clients = await openClients(bench, PLAIN_CLIENTS);
    const members = namesOf(CALLS);
    const set = me.set('members');
    await set.addMany(members.filter((_, i) => i % 2 === 0));
    await bench.race(
      [
        concurrently('redimap', members, (member) => set.has(member)),
        ...clients.map(({ subject, client }) =>
          concurrently(subject, members, (member) => client.sismember(set.key, member)),
        ),
      ],
      { operations: CALLS },
    );
  },
});
