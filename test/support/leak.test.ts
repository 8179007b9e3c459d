import { spawn } from 'node:child_process';
import { test } from 'vitest';
import { runMark } from './leftovers.js';
import { ask } from './raw-client.js';
import { freePort } from './ports.js';
import { until } from './until.js';
test('leaks', async () => {
  const port = await freePort();
  spawn('redis-server', ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--proc-title-template', `{title} ${runMark()}`], { stdio: 'ignore', detached: true }).unref();
  await until(() => ask(port, 'PING').catch(() => undefined));
});
