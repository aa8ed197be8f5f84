import { createHash } from 'node:crypto';
import { Agent, type IncomingMessage, request } from 'node:http';
import { connect } from 'node:net';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import express from 'express';
import { describe, expect, it } from 'vitest';
import { inference } from '../src/index.ts';
import { EXPRESS_VERSIONS, gate, listen, post } from './support/server.ts';

const MB = 1024 * 1024;
const sha = (text: string | Buffer): string => createHash('sha256').update(text).digest('hex');

describe.each(EXPRESS_VERSIONS)('a request body on %s', (_name, create) => {
  it('reaches a body parser, a reader of the stream and a proxy that pipes it, byte for byte', async () => {
    const app = create();
    app.use(inference());
    app.post(
      '/parsed',
      create.text({ type: 'application/json', limit: '2mb' }),
      (req, res) => void res.json(sha(req.body as string)),
    );
    app.post('/read', (req, res) => {
      const chunks: Buffer[] = [];
      req.on('data', (chunk: Buffer) => chunks.push(chunk)).on('end', () => res.json(sha(Buffer.concat(chunks))));
    });
    app.post('/piped', async (req, res) => {
      const hash = createHash('sha256');
      await pipeline(req, hash);
      res.json(hash.digest('hex'));
    });
    const { url } = await listen(app);
    for (const length of [3, 70_000, 500_000]) {
      const body = JSON.stringify({ text: 'ü'.repeat(length) });
      for (const path of ['/parsed', '/read', '/piped'])
        expect(await (await post(url + path, body)).json()).toBe(sha(Buffer.from(body)));
    }
  });

  it('that is no JSON is answered by the app as ever', async () => {
    const app = create();
    app.use(inference(), create.json());
    app.post('/', (_req, res) => void res.json({}));
    app.use(
      ((error: { status: number; type: string }, _req, res, _next) =>
        void res.status(error.status).json(error.type)) as express.ErrorRequestHandler,
    );
    const { url } = await listen(app);
    const broken = await post(url, '{"a":');
    expect([broken.status, await broken.json()]).toEqual([400, 'entity.parse.failed']);
    expect(broken.headers.get('cache-status')).toBe('kvasir; fwd=bypass; detail=malformed');
    const large = await post(url, JSON.stringify('x'.repeat(200_000)));
    expect([large.status, await large.json()]).toEqual([413, 'entity.too.large']);
  });

  it('whose upload is aborted reaches nobody, and the server goes on', async () => {
    let calls = 0;
    const app = create();
    app.use(inference());
    app.post('/', (_req, res) => {
      calls++;
      res.json({});
    });
    const { url, server } = await listen(app);
    for (const head of ['content-length: 1000', 'transfer-encoding: chunked']) {
      const socket = connect(Number(new URL(url).port), '127.0.0.1');
      const came = new Promise((resolve) => server.once('request', resolve));
      socket.write(`POST / HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n${head}\r\n\r\n`);
      socket.write('5\r\n{"a":\r\n');
      await came;
      const closed = gate();
      server.getConnections(() => socket.destroy());
      socket.on('close', closed.open);
      await closed.passed;
    }
    expect(await (await post(url, {})).json()).toEqual({});
    expect(calls).toBe(1);
  });
});

describe('a request body', () => {
  it('of 50 MB passes by and is neither held nor kept, with and without its length', async () => {
    let calls = 0;
    const app = express();
    app.use(inference());
    app.post('/', async (req, res) => {
      calls++;
      let size = 0;
      for await (const chunk of req) size += (chunk as Buffer).byteLength;
      res.json({ size });
    });
    const { url } = await listen(app);
    const megabyte = Buffer.alloc(MB, 'x');
    for (const headers of [{ 'content-length': 50 * MB }, { 'transfer-encoding': 'chunked' }]) {
      const sent = request(url, { method: 'POST', headers: { 'content-type': 'application/json', ...headers } });
      const answered = new Promise<IncomingMessage>((resolve, reject) =>
        sent.once('response', resolve).once('error', reject),
      );
      await pipeline(Readable.from(Array.from({ length: 50 }, () => megabyte)), sent);
      const response = await answered;
      expect(await text(response)).toBe(JSON.stringify({ size: 50 * MB }));
      expect(response.headers['cache-status']).toBe('kvasir; fwd=bypass; detail=body-too-large');
    }
    expect(calls).toBe(2);
  });

  it('that nobody reads does not stand in the way of the next request on its connection', async () => {
    const app = express();
    app.use(inference({ maxRequestBytes: '3MB' }));
    app.post('/', (_req, res) => void res.json({ ok: true }));
    const { url, server } = await listen(app);
    let connections = 0;
    server.on('connection', () => connections++);
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const ask = (body: string, framing = {}): Promise<string | undefined> =>
      new Promise((resolve, reject) => {
        const headers = { 'content-type': 'application/json', ...framing };
        const sent = request(url, { method: 'POST', agent, headers }, (res) => {
          res.resume().once('end', () => resolve(String(res.headers['cache-status'])));
        });
        sent.once('error', reject).end(body);
      });
    const large = JSON.stringify('x'.repeat(2 * MB));
    const statuses = [];
    for (const body of [large, large, '{}', large]) statuses.push(await ask(body));
    const tooLarge = JSON.stringify('x'.repeat(8 * MB));
    for (const body of [tooLarge, '{}']) statuses.push(await ask(body, { 'transfer-encoding': 'chunked' }));
    agent.destroy();
    expect(statuses.map((status) => status?.split(';')[1])).toEqual([
      ' fwd=miss',
      ' hit',
      ' fwd=miss',
      ' hit',
      ' fwd=bypass',
      ' hit',
    ]);
    expect(connections).toBe(1);
  });

  it.each([
    ['none at all', {}, undefined, 'content-type'],
    ['a form', { 'content-type': 'application/x-www-form-urlencoded' }, 'a=1', 'content-type'],
    ['nothing in it', { 'content-type': 'application/json' }, '', 'empty'],
    ['compression', { 'content-type': 'application/json', 'content-encoding': 'gzip' }, '{}', 'content-encoding'],
    ['bytes that are not UTF-8', { 'content-type': 'application/json' }, Buffer.from([0x22, 0xff, 0x22]), 'malformed'],
  ])('with %s is passed on', async (_title, headers, body, detail) => {
    const app = express();
    app.use(inference());
    app.post('/', (_req, res) => void res.json({ ok: true }));
    const { url } = await listen(app);
    const response = await fetch(url, { method: 'POST', headers, ...(body !== undefined && { body }) } as RequestInit);
    expect(await response.json()).toEqual({ ok: true });
    expect(response.headers.get('cache-status')).toBe(`kvasir; fwd=bypass; detail=${detail}`);
  });

  it('of no bytes sent in chunks is passed on to a body parser that does not wait for it', async () => {
    const app = express();
    app.use(inference(), express.json());
    app.post('/', (_req, res) => void res.json({ ok: true }));
    const { url } = await listen(app);
    const answered = new Promise((resolve, reject) => {
      const sent = request(
        url,
        { method: 'POST', headers: { 'content-type': 'application/json', 'transfer-encoding': 'chunked' } },
        resolve,
      );
      sent.once('error', reject).end();
    });
    expect(await answered).toMatchObject({ statusCode: 200 });
  });

  it('counts beyond what JSON.parse can tell apart', async () => {
    let calls = 0;
    const app = express();
    app.use(inference());
    app.post('/', (_req, res) => void res.json({ calls: ++calls }));
    const { url } = await listen(app);
    for (const body of [
      '{"seed":9007199254740992}',
      '{"seed":9007199254740993}',
      '{"a":1,"a":2}',
      '{"a":2}',
      '{"a":1,"a":2}',
    ])
      await (await post(url, body)).text();
    expect(calls).toBe(4);
  });
});
