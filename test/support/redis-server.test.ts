import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { expectNoLeftoverServers, runMark, serversOfRun } from './leftovers.js';
import { describeWithRedis } from './matrix.js';
import { freePort } from './ports.js';
import { ask, askText } from './raw-client.js';
import { startRedisServer } from './redis-server.js';
import { until, within } from './until.js';

describe('until', () => {
  test('gives what the condition gives', async () => {
    let looks = 0;
    expect(await until(() => (++looks === 3 ? 'third' : undefined))).toBe('third');
  });

  test('fails at the deadline, even if the condition hangs', async () => {
    const hanging = new Promise<boolean>(() => {});
    await expect(until(() => hanging, { deadline: 20, what: 'godot' })).rejects.toThrow('in vain for godot');
    await expect(until(() => false, { deadline: 20, what: () => 'estragon' })).rejects.toThrow('estragon');
    await expect(within(hanging, 20, 'godot')).rejects.toThrow('godot');
  });

  test('does not hide what the condition throws', async () => {
    await expect(until(() => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
  });
});

describeWithRedis('startRedisServer', () => {
  test('starts, answers, stops and leaves nothing', async () => {
    const server = await startRedisServer({ args: ['--maxmemory', '50mb'] });
    expect(await ask(server.port, 'PING')).toBe('PONG');
    expect(await askText(server.port, 'CONFIG', 'GET', 'maxmemory')).toContain('52428800');
    expect(await askText(server.port, 'CONFIG', 'GET', 'dir')).toContain(server.dir);
    expect(await ask(server.port, 'DEBUG', 'SET-ACTIVE-EXPIRE', '1')).toBe('OK');
    const { pid, dir, port } = server;
    expect((await serversOfRun()).map((one) => one.pid)).toContain(pid);
    await server.stop();
    await server.stop();
    expect(existsSync(dir)).toBe(false);
    expect((await serversOfRun()).map((one) => one.pid)).not.toContain(pid);
    await expect(ask(port, 'PING')).rejects.toThrow('ECONNREFUSED');
    expect(() => server.pid).toThrow('not running');
  });

  test('is killed and restarted on its port', async () => {
    await using server = await startRedisServer();
    const { pid, dir, port } = server;
    await ask(port, 'SET', 'a', '1');
    await server.kill('SIGKILL');
    expect(server.running).toBe(false);
    await expect(ask(port, 'PING')).rejects.toThrow('ECONNREFUSED');
    await server.restart();
    expect([server.port, server.dir]).toEqual([port, dir]);
    expect(server.pid).not.toBe(pid);
    expect(await ask(port, 'GET', 'a')).toBeNull();
    await server.restart();
    expect(await ask(port, 'PING')).toBe('PONG');
    await server.kill('SIGTERM');
    expect(server.log()).toContain('ready to exit');
  });

  test('can hang and continue', async () => {
    await using server = await startRedisServer();
    await server.kill('SIGSTOP');
    const pending = ask(server.port, 'PING');
    await expect(within(pending, 50, 'a reply')).rejects.toThrow('in vain');
    await server.kill('SIGCONT');
    expect(await pending).toBe('PONG');
    await server.kill('SIGSTOP');
  });

  test('prints the log of a server that dies, and does not retry on a port that was asked for', async () => {
    await expect(startRedisServer({ args: ['--no-such-option', '1'] })).rejects.toThrow('no-such-option');
    await using server = await startRedisServer();
    await expect(startRedisServer({ port: server.port })).rejects.toThrow('Address already in use');
  });

  test('many start at once, each on its own port', async () => {
    const servers = await Promise.all(Array.from({ length: 8 }, () => startRedisServer()));
    expect(new Set(servers.map((server) => server.port)).size).toBe(8);
    await Promise.all(servers.map((server) => server.stop()));
  });

  test('a server does not outlive the process that started it, even if that is killed', async () => {
    const module = new URL('./redis-server.ts', import.meta.url).href;
    const code = `import { startRedisServer } from ${JSON.stringify(module)};
      const server = await startRedisServer();
      console.log(JSON.stringify({ pid: server.pid, port: server.port, dir: server.dir }));
      setInterval(() => {}, 1000);`;
    const starter = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', code], {
      cwd: fileURLToPath(new URL('../..', import.meta.url)),
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = await within(once(starter.stdout, 'data'), 60_000, 'the server of the other process');
    const { pid, port, dir } = JSON.parse(String(line));
    expect(await ask(port, 'PING')).toBe('PONG');
    starter.kill('SIGKILL');
    await until(async () => !(await serversOfRun()).some((one) => one.pid === pid), { what: 'the server to end' });
    await until(() => !existsSync(dir), { what: 'its folder to go' });
  });

  test('a server that was left running is found, ended and reported', async () => {
    const run = `left-${process.pid}`;
    await expectNoLeftoverServers(run);
    const port = await freePort();
    const title = ['--proc-title-template', `{title} ${runMark(run)}`];
    const args = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', ...title];
    const left = spawn('redis-server', args, { stdio: 'ignore' });
    const ended = once(left, 'exit');
    await until(() => ask(port, 'PING').catch(() => undefined), { what: 'the server to run' });
    await expect(expectNoLeftoverServers(run, 50)).rejects.toThrow(`left running:\n  ${left.pid} redis-server`);
    expect(await ended).toEqual([null, 'SIGKILL']);
    await expectNoLeftoverServers(run);
  });
});
