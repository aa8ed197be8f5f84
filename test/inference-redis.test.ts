import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { findRedis, REDIS_MISSING } from '@kvasir/core/testing';
import { inference, memoize } from '@kvasir/inference';
import express, { type RequestHandler } from 'express';
import { afterAll, describe, expect, onTestFinished, test } from 'vitest';
import { openProcess, type Process } from './tiers/process.ts';

const server = await findRedis();
afterAll(() => server?.stop());

const STREAM = 'data: {"choices":[{"delta":{"content":"Grüße 👋"}}]}\n\ndata: [DONE]\n\n';

/** Its base URL. */
async function serve({ cache }: Process, handler: RequestHandler): Promise<string> {
  const http = createServer(express().use(inference({ cache }), handler));
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    http.closeAllConnections();
    http.close();
  });
  return `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
}

function ask(url: string, key: string): Promise<Response> {
  const headers = { 'content-type': 'application/json', authorization: key };
  return fetch(`${url}/v1/chat/completions`, { method: 'POST', headers, body: '{"model":"m","stream":true}' });
}

describe('inference in processes that share Redis', () => {
  if (server === undefined) {
    test.skip(REDIS_MISSING, () => {});
    return;
  }

  test('makes one call for all of them, replays it byte for byte, and shows other tenants nothing of it', async () => {
    const prefix = `kvasir-test-${randomUUID()}:`;
    const processes = [1, 2].map(() => openProcess(server, { prefix }));
    await Promise.all(processes.map((process) => process.connected()));
    let calls = 0;
    const handler: RequestHandler = (_req, res) => {
      calls += 1;
      res.type('text/event-stream').end(STREAM);
    };
    const urls = await Promise.all(processes.map((process) => serve(process, handler)));
    const asked = urls.flatMap((url) => Array.from({ length: 10 }, () => ask(url, 'Bearer one')));
    const bodies = await Promise.all((await Promise.all(asked)).map((response) => response.text()));
    expect(new Set(bodies)).toEqual(new Set([STREAM]));
    expect(calls).toBe(1);
    await (await ask(urls[0] ?? '', 'Bearer two')).text();
    expect(calls).toBe(2);
    for (const { events } of processes) expect(JSON.stringify(events)).not.toContain('Bearer');
  });

  test('keeps typed arrays whole from one process to the other', async () => {
    const prefix = `kvasir-test-${randomUUID()}:`;
    const processes = [1, 2].map(() => openProcess(server, { prefix }));
    await Promise.all(processes.map((process) => process.connected()));
    let calls = 0;
    const embed = processes.map(({ cache }) =>
      memoize(
        (text: string) => {
          calls += 1;
          return { data: Float32Array.from(text, (letter) => letter.charCodeAt(0) / 3), dims: [1, text.length] };
        },
        { name: 'embed', cache },
      ),
    );
    const first = await embed[0]?.('mead');
    // A result is given before Redis has it.
    const kept = async (): Promise<number> => (await processes[0]?.client.keys(`${prefix}|memoize:*`))?.length ?? 0;
    while ((await kept()) === 0);
    const other = await embed[1]?.('mead');
    expect(other).toEqual(first);
    expect(other?.data).toBeInstanceOf(Float32Array);
    expect(calls).toBe(1);
  });
});
