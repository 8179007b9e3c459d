// A right that one process at a time has, with a token that what it protects can check.
import assert from 'node:assert/strict';
import { connect, LeaseTakenError, Namespace } from '../src/index.js';

const redis = connect(process.env['REDIS_URL'] ?? 'memory:');
const me = new Namespace(redis, { processType: 'example-lease' });
const lease = me.lease('motor', { ttl: 5_000 });

/** What is protected: it refuses all tokens but the latest that it has seen. */
const motor = { position: 0, fence: 0 };
function move(position: number, token: number): boolean {
  if (token < motor.fence) return false;
  Object.assign(motor, { position, fence: token });
  return true;
}

const first = await lease.acquire();
assert.ok(move(1, first.token));
console.log('held by', (await lease.holder())?.owner === me.prefix.slice(0, -1) ? 'this process' : 'another one');

// Nobody else gets it meanwhile: who does not want to wait is told, and others stand in line.
const refused = await lease.acquire({ wait: 0 }).catch((error: unknown) => error);
assert.ok(refused instanceof LeaseTakenError);
console.log(`${refused.code}: another one has it`);
const second = lease.run(({ token, signal }) => {
  assert.equal(signal.aborted, false);
  return move(2, token);
});
console.log('released:', await first.release());
console.log('the next one moved it:', await second);

// The first owner comes back late: its token gives it away.
console.log('accepted after the release:', move(3, first.token));
assert.equal(motor.position, 2);

await me.clear();
await redis.quit();
