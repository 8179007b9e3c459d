import { once } from 'node:events';
import { Namespace } from '../../src/index.js';
import { openClient } from './server.js';
import type { Task } from './crew.js';
import { Source } from './source.js';
import { work } from './worker.js';

// A worker as a process of its own. It receives its task as a message, since addresses may contain passwords, and stays
// alive, so that the reducer finds it, until the parent disconnects. Ctrl-C reaches all processes; the parent decides.
process.on('SIGINT', () => {});

const parent = new AbortController();
process.once('disconnect', () => parent.abort());
if (!process.connected) parent.abort();
const [[task], source] = await Promise.all([once(process, 'message') as Promise<[Task]>, Source.open()]);

const redis = openClient(task.where);
using _connection = { [Symbol.dispose]: () => redis.disconnect() };
const me = new Namespace(redis, { hostname: task.hostname, processType: 'worker', id: task.worker });
// Should it crash, it counts as gone after two seconds.
await using _presence = await me.announce({ ttl: 2_000 });
await using _keys = { [Symbol.asyncDispose]: () => me.clear() };
await work(me, source.share(task.worker, task.workers), parent.signal);
if (!parent.signal.aborted) await once(parent.signal, 'abort');
