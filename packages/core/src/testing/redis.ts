import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A Redis that tests may use. */
export interface RedisServer {
  readonly url: string;
  readonly host: string;
  readonly port: number;
  /** Of the process; undefined when the server is somebody else's (REDIS_URL): then stay under a random prefix and never flush. */
  readonly pid: number | undefined;
  /** Ends it and removes its folder. Does nothing to somebody else's server. */
  stop(): Promise<void>;
}

/** A Redis of our own, which can be broken. */
export interface OwnRedisServer extends RedisServer {
  readonly pid: number;
  /** SIGSTOP: connections stay open and nothing answers. */
  pause(): void;
  /** SIGCONT. */
  resume(): void;
  /** SIGKILL; resolves when the process is gone. */
  kill(): Promise<void>;
  /** Starts again, empty, on the same port, after `kill`. */
  restart(): Promise<void>;
}

/** The one line for who has no Redis. */
export const REDIS_MISSING =
  'Redis tests need redis-server: apt-get install redis-server, brew install redis, or REDIS_URL=redis://127.0.0.1:6379';

const START_MS = 10_000;

export interface StartRedisOptions {
  /** Default: a free one. */
  readonly port?: number;
  /** More of redis-server's command line. */
  readonly args?: readonly string[];
}

/** Starts `redis-server` from PATH on 127.0.0.1 without persistence; resolves when it accepts connections. */
export async function startRedis(options: StartRedisOptions = {}): Promise<OwnRedisServer> {
  const folder = await mkdtemp(join(tmpdir(), 'kvasir-redis-'));
  const args = ['--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', folder, ...(options.args ?? [])];
  const launched = await launchOnPort(options.port, args).catch(async (error: unknown) => {
    await rm(folder, { recursive: true, force: true });
    throw error;
  });
  const { port } = launched;
  let { child } = launched;

  async function kill(): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  }

  return {
    url: `redis://127.0.0.1:${port}`,
    host: '127.0.0.1',
    port,
    get pid() {
      return child.pid ?? 0;
    },
    pause: () => void child.kill('SIGSTOP'),
    resume: () => void child.kill('SIGCONT'),
    kill,
    async restart() {
      await kill();
      child = await launch(port, args);
    },
    async stop() {
      await kill();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/**
 * The server of REDIS_URL, or one started from PATH, or undefined. Where KVASIR_REQUIRE_REDIS=1, as in CI, a missing Redis throws; else it is
 * said on stderr, and the tests that need it are to be skipped.
 */
export async function findRedis(): Promise<RedisServer | undefined> {
  const { REDIS_URL: url } = process.env;
  if (url === undefined || url === '') return findOwnRedis();
  const { hostname: host, port } = new URL(url);
  return { url, host, port: Number(port || 6379), pid: undefined, stop: async () => {} };
}

/** Like {@link findRedis}, for tests that kill or pause the server: never the one of REDIS_URL, and not required where only that is given. */
export async function findOwnRedis(): Promise<OwnRedisServer | undefined> {
  try {
    return await startRedis();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    const { KVASIR_REQUIRE_REDIS: required, REDIS_URL: url = '' } = process.env;
    if (required === '1' && url === '') throw new Error(REDIS_MISSING, { cause: error });
    process.stderr.write(`skipped: ${REDIS_MISSING}\n`);
    return undefined;
  }
}

async function launchOnPort(
  port: number | undefined,
  args: readonly string[],
): Promise<{ child: ChildProcess; port: number }> {
  for (let attempt = 1; ; attempt += 1) {
    const tried = port ?? (await freePort());
    try {
      return { child: await launch(tried, args), port: tried };
    } catch (error) {
      // Somebody else may take a free port between the look and the start.
      if (port !== undefined || attempt === 5 || !String(error).includes('in use')) throw error;
    }
  }
}

async function launch(port: number, args: readonly string[]): Promise<ChildProcess> {
  const child = spawn('redis-server', ['--port', `${port}`, ...args], { stdio: ['ignore', 'pipe', 'ignore'] });
  const end = (): void => void child.kill('SIGKILL');
  // A test process that ends early takes its server with it.
  process.once('exit', end);
  child.once('exit', () => process.removeListener('exit', end));

  await new Promise<void>((resolve, reject) => {
    let output = '';
    const late = setTimeout(() => {
      end();
      reject(new Error(`redis-server was not ready within ${START_MS} ms: ${output}`));
    }, START_MS);
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`redis-server exited with ${code}: ${output}`)));
    child.once('close', () => clearTimeout(late));
    child.stdout.on('data', (chunk: Buffer) => {
      output = (output + chunk.toString()).slice(-4_000);
      if (!output.includes('Ready to accept connections')) return;
      clearTimeout(late);
      resolve();
    });
  });
  child.stdout.removeAllListeners('data').resume();
  return child;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no free port');
  return address.port;
}
