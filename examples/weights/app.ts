import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Cache } from '@kvasir/core';
import express, { type Express } from 'express';
import { createWeights, FILES } from './models.ts';
import { page } from './page.ts';

export { createWeights, DIGESTS, FILES, type Models, modelFolder } from './models.ts';

export interface WeightsApp {
  readonly app: Express;
  /** The next request for the file is a cold one. */
  readonly forget: (name: string) => Promise<void>;
  readonly close: () => Promise<void>;
}

export interface WeightsAppOptions {
  /** Holds the hot blocks. Default: one of its own, in memory. */
  readonly cache?: Cache;
}

/** Blocks go to a new folder, which `close` removes: every start is a cold one. */
export async function createApp(options: WeightsAppOptions = {}): Promise<WeightsApp> {
  const directory = await mkdtemp(join(tmpdir(), 'kvasir-example-weights-'));
  const { weights, close } = await createWeights({ ...options, directory });
  const app = express();

  app.get('/', (_req, res) => {
    res.type('html').send(page());
  });

  app.get('/files', async (_req, res) => {
    const files = await Promise.all(Object.values(FILES).map((name) => weights.open(name)));
    res.json(files.map((file) => ({ name: file.name, size: file.size, etag: file.etag, ...file.state() })));
  });

  app.post('/forget/:name', async (req, res) => {
    await weights.forget(req.params.name);
    res.status(204).end();
  });

  app.use('/models', weights);

  return {
    app,
    forget: (name) => weights.forget(name),
    async close() {
      await close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

let opened: Promise<WeightsApp> | undefined;

/** The models as one app; their origin starts at the first request, and ends with the process. */
export const app: Express = express().use((req, res, next) => {
  opened ??= createApp();
  opened.then((weightsApp) => weightsApp.app(req, res, next), next);
});
