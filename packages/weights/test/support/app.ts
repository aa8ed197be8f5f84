import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { WeightsEvent } from '@kvasir/weights';
import { type Weights, type WeightsOptions, weights } from '@kvasir/weights';
import express from 'express';
import express4 from 'express4';
import { onTestFinished } from 'vitest';

export const MIB = 1024 * 1024;

/** Bytes that look random and are the same every time. */
export function patterned(length: number, seed = 1): Uint8Array {
  const words = new Uint32Array(Math.ceil(length / 4));
  let state = seed;
  for (let i = 0; i < words.length; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    words[i] = state;
  }
  return new Uint8Array(words.buffer, 0, length);
}

export async function makeFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'kvasir-weights-test-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Weights that are closed when the test ends, with what they told. A new directory unless one is given. */
export async function makeWeights(options: WeightsOptions): Promise<{ models: Weights; events: WeightsEvent[] }> {
  const models = weights({ directory: await makeFolder(), ...options });
  const events: WeightsEvent[] = [];
  models.on((event) => events.push(event));
  onTestFinished(() => models.close());
  return { models, events };
}

export async function listen(app: RequestListener): Promise<string> {
  const server = createServer(app);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** The two majors that the middleware supports. */
export const EXPRESS: readonly (readonly [version: string, make: typeof express])[] = [
  ['Express 5', express],
  ['Express 4', express4 as unknown as typeof express],
];

/** Mounts at /models, and gives the URL of that. */
export async function mount(models: Weights, make: typeof express = express): Promise<string> {
  const app = make();
  app.use('/models', models);
  return `${await listen(app)}/models`;
}

/** Weights over a URL or folder, mounted: `get` asks, `models` is the library side. */
export async function serve(options: WeightsOptions): Promise<{
  models: Weights;
  events: WeightsEvent[];
  url: string;
  get: (name: string, headers?: Record<string, string>) => Promise<Response>;
}> {
  const { models, events } = await makeWeights(options);
  const url = await mount(models);
  return { models, events, url, get: (name, headers = {}) => fetch(`${url}/${name}`, { headers }) };
}

export async function bytesOf(response: Response): Promise<Uint8Array> {
  return new Uint8Array(await response.arrayBuffer());
}

/** Compared as a whole: an assertion that prints a difference of megabytes takes minutes. */
export function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}

/** Whether an answer came whole, with these bytes. False for one that broke off. */
export async function arrives(asked: Promise<Response>, expected: Uint8Array): Promise<boolean> {
  try {
    return isSame(await bytesOf(await asked), expected);
  } catch {
    return false;
  }
}

/** Whether an answer broke off before its end. */
export async function breaks(asked: Promise<Response>): Promise<boolean> {
  const response = await asked;
  return await bytesOf(response).then(
    () => false,
    () => true,
  );
}
