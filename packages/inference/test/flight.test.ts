import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createCache } from '@kvasir/core';
import { ManualClock } from '@kvasir/core/testing';
import { memory } from '@kvasir/memory';
import express, { type Express, type RequestHandler, type Response } from 'express';
import { describe, expect, it } from 'vitest';
import { type InferenceOptions, inference } from '../src/index.ts';
import { chatEvents } from './support/model.ts';
import { EXPRESS_VERSIONS, gate, listen, post, startPost, until } from './support/server.ts';

const CHAT = { model: 'm', stream: true };
const EVENTS = chatEvents('Good morning');
const WHOLE = EVENTS.join('');

/** A handler that is led through its answer step by step. */
function stepwise(): { handler: RequestHandler; calls: { res: Response; closed: boolean }[] } {
  const calls: { res: Response; closed: boolean }[] = [];
  const handler: RequestHandler = (_req, res) => {
    const call = { res, closed: false };
    res.on('close', () => (call.closed = true));
    calls.push(call);
  };
  return { handler, calls };
}

/** The body is parsed before it is counted, so that whoever is counted is at the middleware in the same turn. */
function appOf(
  handler: RequestHandler,
  create: typeof express = express,
  options?: InferenceOptions,
): { app: Express; arrived: (count: number) => Promise<void> } {
  const app = create();
  let arrivals = 0;
  const count: RequestHandler = (_req, _res, next) => {
    arrivals++;
    next();
  };
  app.use(create.json(), count, inference(options), handler);
  return {
    app,
    arrived: async (expected) => {
      await until(() => arrivals === expected);
      await new Promise<void>((resolve) => setImmediate(resolve));
    },
  };
}

function open(res: Response | undefined, ...events: readonly string[]): void {
  res?.set('content-type', 'text/event-stream');
  for (const event of events) res?.write(event);
}

describe.each(EXPRESS_VERSIONS)('identical requests at the same time on %s', (_name, create) => {
  it('make one call, and each gets all of its bytes', async () => {
    const { handler, calls } = stepwise();
    const { app, arrived } = appOf(handler, create);
    const { url } = await listen(app);
    const asked = Array.from({ length: 50 }, () => post(url, CHAT));
    await arrived(50);
    open(calls[0]?.res, ...EVENTS);
    calls[0]?.res.end();
    const responses = await Promise.all(asked);
    const bodies = await Promise.all(responses.map((response) => response.text()));
    expect(new Set(bodies)).toEqual(new Set([WHOLE]));
    expect(calls).toHaveLength(1);
    const statuses = responses.map((response) => response.headers.get('cache-status'));
    expect(statuses.filter((status) => status === 'kvasir; fwd=miss; collapsed')).toHaveLength(49);
  });

  it('see the stream as it comes, also what came before they asked', async () => {
    const { handler, calls } = stepwise();
    const { url } = await listen(appOf(handler, create).app);
    const leader = startPost(url, CHAT);
    await until(() => calls.length === 1);
    open(calls[0]?.res, EVENTS[0] ?? '', EVENTS[1] ?? '');
    await leader.received(EVENTS[1] ?? '');
    const follower = startPost(url, CHAT);
    await follower.received(EVENTS[1] ?? '');
    calls[0]?.res.write(EVENTS[2]);
    await follower.received(EVENTS[2] ?? '');
    for (const event of EVENTS.slice(3)) calls[0]?.res.write(event);
    calls[0]?.res.end();
    expect([await leader.body, await follower.body]).toEqual([WHOLE, WHOLE]);
    expect((await follower.response).headers['cache-status']).toBe('kvasir; fwd=miss; collapsed');
    expect((await follower.response).headers['content-type']).toBe('text/event-stream; charset=utf-8');
    expect(calls).toHaveLength(1);
  });

  it('go on when the one that made the call leaves, and what they got is kept', async () => {
    const { handler, calls } = stepwise();
    const { url } = await listen(appOf(handler, create).app);
    const leader = startPost(url, CHAT);
    await until(() => calls.length === 1);
    open(calls[0]?.res, EVENTS[0] ?? '');
    const passing = startPost(url, CHAT);
    await passing.received(EVENTS[0] ?? '');
    passing.leave();
    await expect(passing.body).rejects.toThrow();
    const follower = startPost(url, CHAT);
    await follower.received(EVENTS[0] ?? '');
    const lost = gate();
    calls[0]?.res.socket?.on('close', lost.open);
    leader.leave();
    await lost.passed;
    expect(calls[0]?.closed).toBe(false);
    for (const event of EVENTS.slice(1)) expect(calls[0]?.res.write(event)).toBe(true);
    const finished = gate();
    calls[0]?.res.on('finish', finished.open).end();
    expect(await follower.body).toBe(WHOLE);
    await finished.passed;
    await until(() => calls[0]?.closed === true);
    const later = await post(url, CHAT);
    expect(await later.text()).toBe(WHOLE);
    expect(later.headers.get('cache-status')).toContain('hit');
    expect(calls).toHaveLength(1);
  });

  it('go on also when it left before the answer began', async () => {
    const { handler, calls } = stepwise();
    const { app, arrived } = appOf(handler, create);
    const { url } = await listen(app);
    const leader = startPost(url, CHAT);
    const follower = startPost(url, CHAT);
    await arrived(2);
    const lost = gate();
    calls[0]?.res.socket?.on('close', lost.open);
    leader.leave();
    await lost.passed;
    await pipeline(Readable.from(EVENTS), calls[0]?.res.type('text/event-stream') as Response);
    expect(await follower.body).toBe(WHOLE);
  });

  it('end the call when all have left', async () => {
    const { handler, calls } = stepwise();
    const { url } = await listen(appOf(handler, create).app);
    const clients = [startPost(url, CHAT)];
    await until(() => calls.length === 1);
    open(calls[0]?.res, EVENTS[0] ?? '');
    for (let more = 0; more < 3; more++) {
      const client = startPost(url, CHAT);
      await client.received(EVENTS[0] ?? '');
      clients.push(client);
    }
    const lost = gate();
    calls[0]?.res.socket?.on('close', lost.open);
    clients[0]?.leave();
    await lost.passed;
    for (const client of clients.slice(1)) {
      expect(calls[0]?.closed).toBe(false);
      client.leave();
    }
    await until(() => calls[0]?.closed === true);
    expect(calls[0]?.res.destroyed).toBe(true);
    const again = startPost(url, CHAT);
    await until(() => calls.length === 2);
    again.leave();
  });

  it('break off together when the upstream does, never with a clean end', async () => {
    const { handler, calls } = stepwise();
    const { url } = await listen(appOf(handler, create).app);
    const leader = startPost(url, CHAT);
    await until(() => calls.length === 1);
    open(calls[0]?.res, EVENTS[0] ?? '');
    const follower = startPost(url, CHAT);
    await Promise.all([leader, follower].map((client) => client.received(EVENTS[0] ?? '')));
    calls[0]?.res.destroy();
    await expect(leader.body).rejects.toThrow('aborted');
    await expect(follower.body).rejects.toThrow('aborted');
    const again = startPost(url, CHAT);
    await until(() => calls.length === 2);
    again.leave();
  });

  it('are let go when the handler fails in the middle of a body that nobody else has seen', async () => {
    let calls = 0;
    let fail = (): void => {};
    const { app, arrived } = appOf((_req, res, next) => {
      if (++calls > 1) return void res.json({ ok: true });
      res.set('content-length', '100').write('{');
      fail = () => next(new Error('no GPU'));
    }, create);
    app.set('env', 'test');
    const { url } = await listen(app);
    const leader = startPost(url, CHAT);
    const follower = post(url, CHAT);
    await arrived(2);
    fail();
    await expect(leader.body).rejects.toThrow('aborted');
    expect(await (await follower).json()).toEqual({ ok: true });
  });

  it('are let go to make calls of their own, side by side, when the answer is not for sharing', async () => {
    const { handler, calls } = stepwise();
    const { app, arrived } = appOf(handler, create);
    const { url } = await listen(app);
    const asked = Array.from({ length: 5 }, () => post(url, { model: 'm' }));
    await arrived(5);
    calls[0]?.res.status(500).json({ error: 'first' });
    await until(() => calls.length === 5);
    for (const { res } of calls.slice(1)) res.json({ ok: true });
    const statuses = (await Promise.all(asked)).map((response) => response.status);
    expect(statuses.toSorted((a, b) => a - b)).toEqual([200, 200, 200, 200, 500]);
    const later = await post(url, { model: 'm' });
    expect(later.headers.get('cache-status')).toContain('hit');
  });

  it('wait for the end where only that tells whether it may be shared', async () => {
    const { handler, calls } = stepwise();
    const { url } = await listen(appOf(handler, create).app);
    const leader = startPost(url, CHAT);
    await until(() => calls.length === 1);
    calls[0]?.res.type('json').write('{"error":');
    await leader.received('{"error":');
    const follower = startPost(url, CHAT);
    calls[0]?.res.end('"overloaded"}');
    await until(() => calls.length === 2);
    calls[1]?.res.json({ ok: true });
    expect([await leader.body, await follower.body]).toEqual(['{"error":"overloaded"}', '{"ok":true}']);
  });
});

describe('a follower', () => {
  it('that reads slowly holds up nobody', async () => {
    const part = `data: ${JSON.stringify({ choices: [{ delta: { content: 'x'.repeat(500_000) } }] })}\n\n`;
    const { handler, calls } = stepwise();
    const { url } = await listen(appOf(handler).app);
    const leader = startPost(url, CHAT);
    await until(() => calls.length === 1);
    open(calls[0]?.res, ': begin\n\n');
    const slow = startPost(url, CHAT);
    await slow.received('begin');
    (await slow.response).pause();
    for (let count = 0; count < 10; count++) calls[0]?.res.write(part);
    calls[0]?.res.end('data: [DONE]\n\n');
    const whole = await leader.body;
    expect(whole.length).toBeGreaterThan(5_000_000);
    (await slow.response).resume();
    expect((await slow.body) === whole).toBe(true);
  });

  it('is broken off when the stream grows beyond what may be held for it, and its leader is not', async () => {
    const app = express();
    const { handler, calls } = stepwise();
    app.use(inference({ maxAnswerBytes: 1000 }), handler);
    const { url } = await listen(app);
    const leader = startPost(url, CHAT);
    await until(() => calls.length === 1);
    open(calls[0]?.res, 'data: 1\n\n');
    const follower = startPost(url, CHAT);
    await follower.received('data: 1');
    calls[0]?.res.write(`data: ${'x'.repeat(2000)}\n\n`);
    await expect(follower.body).rejects.toThrow('aborted');
    calls[0]?.res.end('data: [DONE]\n\n');
    expect(await leader.body).toMatch(/\[DONE\]\n\n$/);
  });
});

describe('a call from which nothing comes', () => {
  it('for two minutes lets those go who wait for its first byte, is joined by nobody more, and hides no answer', async () => {
    const clock = new ManualClock();
    const { handler, calls } = stepwise();
    const app = express();
    app.use(inference({ clock, cache: createCache({ tiers: [memory({ clock })], clock }) }), handler);
    const { url } = await listen(app);
    const leader = startPost(url, CHAT);
    await until(() => calls.length === 1);
    const follower = post(url, CHAT);
    await clock.advance(100_000);
    expect(calls).toHaveLength(1);
    await clock.advance(20_000);
    await until(() => calls.length === 2);
    const late = post(url, CHAT);
    await until(() => calls.length === 3);
    for (const { res } of calls.slice(1)) res.type('text/event-stream').end(WHOLE);
    expect([await (await follower).text(), await (await late).text()]).toEqual([WHOLE, WHOLE]);
    expect((await post(url, CHAT)).headers.get('cache-status')).toContain('hit');
    leader.leave();
  });

  it('whose own client has left is ended with the last who waits', async () => {
    const clock = new ManualClock();
    const { handler, calls } = stepwise();
    const { app, arrived } = appOf(handler, express, {
      clock,
      cache: createCache({ tiers: [memory({ clock })], clock }),
    });
    const { url } = await listen(app);
    const leader = startPost(url, CHAT);
    const follower = startPost(url, CHAT);
    await arrived(2);
    const lost = gate();
    calls[0]?.res.socket?.on('close', lost.open);
    leader.leave();
    await lost.passed;
    expect(calls[0]?.closed).toBe(false);
    await clock.advance(120_000);
    await until(() => calls[0]?.closed === true && calls.length === 2);
    follower.leave();
  });

  it('is not one that says something every minute', async () => {
    const clock = new ManualClock();
    const { handler, calls } = stepwise();
    const app = express();
    app.use(inference({ clock, cache: createCache({ tiers: [memory({ clock })], clock }) }), handler);
    const { url } = await listen(app);
    const leader = startPost(url, CHAT);
    await until(() => calls.length === 1);
    const follower = startPost(url, CHAT);
    calls[0]?.res.type('json').write('{"text":"');
    for (const letter of 'slow') {
      await clock.advance(60_000);
      calls[0]?.res.write(letter);
    }
    calls[0]?.res.end('"}');
    expect([await leader.body, await follower.body]).toEqual(['{"text":"slow"}', '{"text":"slow"}']);
    expect(calls).toHaveLength(1);
  });
});
