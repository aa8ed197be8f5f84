import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream as WebStream } from 'node:stream/web';
import express, { type Response as Answer, type RequestHandler } from 'express';
import OpenAI from 'openai';
import { describe, expect, it } from 'vitest';
import { inference } from '../src/index.ts';
import { chatEvents, createModel } from './support/model.ts';
import { EXPRESS_VERSIONS, listen, post, startPost, until } from './support/server.ts';

/** A reverse proxy as the README shows it. */
function proxyTo(upstream: string): RequestHandler {
  return async (req, res) => {
    const abort = new AbortController();
    res.on('close', () => abort.abort());
    const answer = await fetch(upstream + req.originalUrl, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: req.headers.authorization ?? '' },
      body: Readable.toWeb(req),
      duplex: 'half',
      signal: abort.signal,
    } as unknown as RequestInit);
    res.status(answer.status).type(answer.headers.get('content-type') ?? '');
    await pipeline(Readable.fromWeb(answer.body as unknown as WebStream), res).catch(() => res.destroy());
  };
}

async function proxied(upstream: RequestHandler, create: typeof express): Promise<string> {
  const model = express();
  model.use(express.json(), upstream);
  const { url } = await listen(model);
  const app = create();
  app.use(inference(), proxyTo(url));
  return (await listen(app)).url;
}

describe.each(EXPRESS_VERSIONS)('in front of a proxied upstream on %s', (_name, create) => {
  it('repeats whole answers and streams without asking upstream again', async () => {
    const model = createModel();
    const url = await proxied(model.handler, create);
    const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: 'sk', maxRetries: 0 });
    const ask = { model: 'm', messages: [{ role: 'user' as const, content: 'Hi' }] };
    expect(await client.chat.completions.create(ask)).toEqual(await client.chat.completions.create(ask));
    const streams = [];
    for (let count = 0; count < 2; count++)
      streams.push(await (await post(`${url}/v1/chat/completions`, { ...ask, stream: true })).text());
    expect(streams[1]).toBe(streams[0]);
    expect(streams[0]).toMatch(/\[DONE\]\n\n$/);
    expect(model.calls).toHaveLength(2);
  });

  it('breaks off when the upstream does, so that no client takes half an answer for a whole one; and keeps nothing', async () => {
    let calls = 0;
    const events = chatEvents('Half');
    const url = await proxied((_req, res) => {
      calls++;
      res.type('text/event-stream');
      for (const event of events.slice(0, 3)) res.write(event);
      setImmediate(() => res.destroy());
    }, create);
    const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: 'sk', maxRetries: 0 });
    for (let count = 1; count <= 2; count++) {
      const read = async (): Promise<void> => {
        const stream = await client.chat.completions.create({ model: 'm', messages: [], stream: true });
        for await (const _chunk of stream);
      };
      await expect(read()).rejects.toThrow();
      expect(calls).toBe(count);
    }
  });

  it('aborts the upstream when its last client leaves', async () => {
    const upstream: Answer[] = [];
    const url = await proxied((_req, res) => {
      upstream.push(res);
      res.type('text/event-stream').write('data: {"choices":[]}\n\n');
    }, create);
    const clients = [startPost(url, {}), startPost(url, {})];
    await Promise.all(clients.map((client) => client.received('choices')));
    expect(upstream).toHaveLength(1);
    for (const client of clients) client.leave();
    await until(() => upstream[0]?.destroyed === true);
  });

  it.each<[string, string[]]>([
    ['ends without [DONE]', chatEvents('x').slice(0, -1)],
    [
      'says an error in the stream',
      [...chatEvents('x').slice(0, 2), 'data: {"error":{"message":"overloaded"}}\n\n', 'data: [DONE]\n\n'],
    ],
    [
      'was cut off by its token limit',
      ['data: {"choices":[{"delta":{},"finish_reason":"length"}]}\n\n', 'data: [DONE]\n\n'],
    ],
    ['says nothing but its end', ['data: [DONE]\n\n']],
  ])('passes on a stream that %s, and keeps it not', async (_title, events) => {
    let calls = 0;
    const url = await proxied((_req, res) => {
      calls++;
      res.type('text/event-stream').end(events.join(''));
    }, create);
    for (let count = 1; count <= 2; count++) {
      expect(await (await post(url, {})).text()).toBe(events.join(''));
      expect(calls).toBe(count);
    }
  });
});
