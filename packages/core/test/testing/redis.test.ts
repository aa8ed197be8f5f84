import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { connect } from 'node:net';
import { findOwnRedis, findRedis, REDIS_MISSING, startRedis } from '@kvasir/core/testing';
import { afterEach, describe, expect, test, vi } from 'vitest';

const isThere = await findOwnRedis().then(async (server) => {
  await server?.stop();
  return server !== undefined;
});

afterEach(() => {
  vi.unstubAllEnvs();
});

/** The reply to one inline command. */
async function ask(port: number, command: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  socket.write(`${command}\r\n`);
  const [reply] = (await once(socket, 'data')) as [Buffer];
  socket.destroy();
  return reply.toString();
}

describe('startRedis', () => {
  if (!isThere) {
    test.skip(REDIS_MISSING, () => {});
    return;
  }

  test('starts a server that answers, keeps nothing and ends', async () => {
    const server = await startRedis();
    expect(server.url).toBe(`redis://127.0.0.1:${server.port}`);
    expect(await ask(server.port, 'PING')).toBe('+PONG\r\n');
    const folder = /(\/\S*kvasir-redis-\S*)/.exec(await ask(server.port, 'CONFIG GET dir'))?.[1] ?? '';
    expect(existsSync(folder)).toBe(true);
    await server.stop();
    await server.stop();
    await expect(ask(server.port, 'PING')).rejects.toThrow('ECONNREFUSED');
    expect(existsSync(folder)).toBe(false);
  });

  test('kills and restarts it on the same port, empty', async () => {
    const server = await startRedis();
    const { pid } = server;
    await ask(server.port, 'SET a 1');
    await server.kill();
    await expect(ask(server.port, 'PING')).rejects.toThrow('ECONNREFUSED');
    await server.restart();
    expect(server.pid).not.toBe(pid);
    expect(await ask(server.port, 'GET a')).toBe('$-1\r\n');
    await server.stop();
  });

  test('freezes it with its connections open, and thaws it', async () => {
    const server = await startRedis();
    server.pause();
    const reply = ask(server.port, 'PING');
    const first = await Promise.race([reply, new Promise((resolve) => setTimeout(resolve, 100, 'silence'))]);
    expect(first).toBe('silence');
    server.resume();
    expect(await reply).toBe('+PONG\r\n');
    await server.stop();
  });

  test('says why a server did not start', async () => {
    const server = await startRedis();
    await expect(startRedis({ port: server.port })).rejects.toThrow(/redis-server exited with 1: [^]*in use/);
    await server.stop();
  });
});

describe('findRedis', () => {
  test('takes the server of REDIS_URL, which it does not stop', async () => {
    vi.stubEnv('REDIS_URL', 'redis://user:pass@cache.example:7000/2');
    const server = await findRedis();
    expect(server).toMatchObject({ host: 'cache.example', port: 7000, pid: undefined });
    await server?.stop();
    vi.stubEnv('REDIS_URL', 'redis://cache.example');
    expect((await findRedis())?.port).toBe(6379);
  });

  test('finds nothing, and says how to get it, where there is no redis-server', async () => {
    vi.stubEnv('REDIS_URL', '');
    vi.stubEnv('KVASIR_REQUIRE_REDIS', '');
    vi.stubEnv('PATH', '/nowhere');
    const said = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    expect(await findRedis()).toBeUndefined();
    expect(said.mock.calls.flat().join('')).toContain(REDIS_MISSING);
  });

  test('fails where a Redis is required', async () => {
    vi.stubEnv('REDIS_URL', '');
    vi.stubEnv('KVASIR_REQUIRE_REDIS', '1');
    vi.stubEnv('PATH', '/nowhere');
    await expect(findRedis()).rejects.toThrow(REDIS_MISSING);
  });

  test('does not require a server of our own where REDIS_URL is given', async () => {
    vi.stubEnv('REDIS_URL', 'redis://cache.example');
    vi.stubEnv('KVASIR_REQUIRE_REDIS', '1');
    vi.stubEnv('PATH', '/nowhere');
    vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    expect(await findOwnRedis()).toBeUndefined();
  });
});
