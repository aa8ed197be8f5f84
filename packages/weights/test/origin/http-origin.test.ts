import { createHash } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { ManualClock, until } from '@kvasir/core/testing';
import { describe, expect, onTestFinished, test } from 'vitest';
import { bytesOf, isSame, MIB, patterned, serve } from '../support/app.ts';
import { answer, type Fault, rangeOf, sendBody, startOrigin, writeHead } from '../support/origin.ts';

const file = patterned(3 * MIB + 321);

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Applies to the first `times` GETs of blocks. */
function firstGets(times: number, fault: Fault): Fault {
  let left = times;
  return (req, res, given) => (req.method === 'GET' && left-- > 0 ? fault(req, res, given) : undefined);
}

/** The client's view: whole and right, refused with a status, or broken off. Never short and clean. */
async function outcome(asked: Promise<Response>): Promise<'whole' | 'broken' | number> {
  const response = await asked;
  if (response.status !== 200) return response.status;
  try {
    return Buffer.compare(await bytesOf(response), file) === 0 ? 'whole' : 'broken';
  } catch {
    return 'broken';
  }
}

const truncated: Fault = (req, res, given) => {
  const { start, end } = writeHead(req, res, given);
  res.write(given.bytes.subarray(start, start + Math.floor((end - start) / 2)), () => res.destroy());
  return true;
};

/** Ends cleanly, with neither length nor last bytes: only counting can tell. */
const endingEarly: Fault = (req, res, given) => {
  const { start, end } = writeHead(req, res, given);
  res.removeHeader('content-length');
  res.setHeader('connection', 'close');
  sendBody(res, given.bytes.subarray(start, start + Math.floor((end - start) / 2)));
  return true;
};

describe.each<[what: string, fault: Fault]>([
  ['breaks off in the middle', truncated],
  ['ends early without a length', endingEarly],
  ['closes without an answer', (_req, res) => (res.socket?.destroy(), true)],
])('an origin that %s', (_, fault) => {
  test('is asked again for what is missing, if that happens once', async () => {
    const origin = await startOrigin({ 'a.bin': file });
    origin.fault = firstGets(1, fault);
    const { get } = await serve({ origin: origin.url, digests: { 'a.bin': sha256(file) } });
    expect(await outcome(get('a.bin'))).toBe('whole');
  });

  test('is never taken for complete, if it goes on, and nothing of it is verified', async () => {
    const origin = await startOrigin({ 'a.bin': file });
    origin.fault = (req, res, given) =>
      req.method === 'GET' && rangeOf(req, given).end === file.byteLength ? fault(req, res, given) : undefined;
    const { get, models } = await serve({ origin: origin.url, digests: { 'a.bin': sha256(file) } });
    expect(['broken', 502]).toContain(await outcome(get('a.bin')));
    expect((await models.open('a.bin')).state().verified).toBe('none');
    origin.fault = undefined;
    expect(await outcome(get('a.bin'))).toBe('whole');
  });
});

describe.each<[what: string, head: (res: ServerResponse) => void]>([
  ['another range', (res) => res.setHeader('content-range', `bytes 1-${file.byteLength - 1}/${file.byteLength}`)],
  ['no Content-Range', (res) => res.removeHeader('content-range')],
  ['a malformed Content-Range', (res) => res.setHeader('content-range', 'bytes x')],
  ['a content coding', (res) => res.setHeader('content-encoding', 'gzip')],
])('an origin that answers with %s', (_, head) => {
  test('is not believed', async () => {
    const origin = await startOrigin({ 'a.bin': file });
    origin.fault = (req, res, given) => {
      if (req.method !== 'GET') return undefined;
      const { start, end } = writeHead(req, res, given);
      head(res);
      sendBody(res, given.bytes.subarray(start, end));
      return true;
    };
    const { get } = await serve({ origin: origin.url });
    expect(await outcome(get('a.bin'))).toBe(502);
    origin.fault = undefined;
    expect(await outcome(get('a.bin'))).toBe('whole');
  });
});

test('an origin that sends more than it said is not believed', async () => {
  const origin = await startOrigin({ 'a.bin': file });
  origin.fault = (req, res, given) => {
    if (req.method !== 'GET') return undefined;
    writeHead(req, res, given);
    res.removeHeader('content-length');
    sendBody(res, Buffer.concat([given.bytes, Buffer.alloc(10)]));
    return true;
  };
  const { get } = await serve({ origin: origin.url });
  expect(await outcome(get('a.bin'))).toBe('broken');
});

test('an origin that ignores Range is read once, as a whole', async () => {
  const origin = await startOrigin({ 'a.bin': file });
  origin.fault = (req, res, given) => {
    delete req.headers.range;
    answer(req, res, given);
    return true;
  };
  const { get } = await serve({ origin: origin.url });
  const ranged = await get('a.bin', { range: `bytes=${2 * MIB}-${2 * MIB + 9}` });
  expect(isSame(await bytesOf(ranged), file.subarray(2 * MIB, 2 * MIB + 10))).toBe(true);
  expect(await Promise.all([outcome(get('a.bin')), outcome(get('a.bin'))])).toEqual(['whole', 'whole']);
  expect(origin.served).toBe(file.byteLength);
});

test('an origin without ranges that breaks off now here, now there is given up', async () => {
  const origin = await startOrigin({ 'a.bin': file });
  let gets = 0;
  origin.fault = (req, res, given) => {
    if (req.method !== 'GET' || req.url?.endsWith('.sha256')) return undefined;
    gets++;
    delete req.headers.range;
    // Would go on for as long as this lasts.
    if (gets > 20) return (answer(req, res, given), true);
    writeHead(req, res, given);
    res.write(given.bytes.subarray(0, (1 + (gets % 2)) * MIB + 10), () => res.destroy());
    return true;
  };
  const { get } = await serve({ origin: origin.url });
  expect(['broken', 502]).toContain(await outcome(get('a.bin')));
  expect(gets).toBeLessThan(8);
});

test('an origin that refuses is not believed to have the file, whatever else it says', async () => {
  const origin = await startOrigin({ 'a.bin': file });
  origin.fault = (_req, res) => {
    res.writeHead(403, { 'x-linked-etag': `"${sha256(file)}"`, 'x-linked-size': `${file.byteLength}` }).end();
    return true;
  };
  const { url } = await serve({ origin: origin.url });
  expect((await fetch(`${url}/a.bin`, { method: 'HEAD' })).status).toBe(502);
});

test('an origin that switches to another protocol has failed', async () => {
  const tcp = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', () => socket.write('HTTP/1.1 101 Switching\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n'));
  });
  await new Promise<void>((resolve) => tcp.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void tcp.close());
  const { get } = await serve({ origin: `http://127.0.0.1:${(tcp.address() as AddressInfo).port}/` });
  expect((await get('a.bin')).status).toBe(502);
});

test('an origin that gives shorter ranges than asked is asked for the rest', async () => {
  const origin = await startOrigin({ 'a.bin': file });
  origin.fault = (req, res, given) => {
    const { start, end } = rangeOf(req, given);
    if (req.method !== 'GET') return undefined;
    req.headers.range = `bytes=${start}-${Math.min(end, start + MIB) - 1}`;
    answer(req, res, given);
    return true;
  };
  const { get } = await serve({ origin: origin.url });
  expect(await outcome(get('a.bin'))).toBe('whole');
  expect(origin.served).toBe(file.byteLength);
});

test('an origin that gives less than a block a range is given up, not asked on and on', async () => {
  const origin = await startOrigin({ 'a.bin': file });
  origin.fault = (req, res, given) => {
    if (req.method !== 'GET') return undefined;
    req.headers.range = 'bytes=0-999';
    answer(req, res, given);
    return true;
  };
  const { get } = await serve({ origin: origin.url });
  expect(await outcome(get('a.bin'))).toBe(502);
});

test('an origin without HEAD is probed for the first byte', async () => {
  const origin = await startOrigin({ 'a.bin': file });
  origin.fault = (req, res) => {
    if (req.method !== 'HEAD') return undefined;
    res.statusCode = 405;
    res.end();
    return true;
  };
  const { get } = await serve({ origin: origin.url });
  expect(await outcome(get('a.bin'))).toBe('whole');
  expect(origin.requests.slice(0, 2)).toEqual(['HEAD /a.bin', 'GET /a.bin bytes=0-0']);
});

test('an origin that does not tell the size is not served', async () => {
  const origin = await startOrigin({ 'a.bin': file });
  origin.fault = (_req, res, given) => {
    res.write(given.bytes.subarray(0, 10));
    res.end();
    return true;
  };
  const { get } = await serve({ origin: origin.url });
  expect(await outcome(get('a.bin'))).toBe(502);
});

describe('Retry-After', () => {
  const busy =
    (status: number, retryAfter: string): Fault =>
    (_req, res) => {
      res.writeHead(status, { 'retry-after': retryAfter }).end();
      return true;
    };

  test('of a 429 in the middle of a file is waited for when it is short', async () => {
    const clock = new ManualClock();
    const origin = await startOrigin({ 'a.bin': file });
    const { get } = await serve({ origin: origin.url, clock });
    let isBusy = true;
    origin.fault = (req, res, given) => {
      if (req.method !== 'GET' || !isBusy) return undefined;
      isBusy = false;
      // Time moves when the refusal has arrived: the wait has begun then.
      res.on('close', () => setImmediate(() => void advanceUntilAsked()));
      return busy(429, '2')(req, res, given);
    };
    async function advanceUntilAsked(): Promise<void> {
      while (origin.requests.length < 4) await clock.advance(500);
    }
    expect(await outcome(get('a.bin'))).toBe('whole');
  });

  test('is not waited for when all is closed meanwhile', async () => {
    const clock = new ManualClock();
    const origin = await startOrigin({ 'a.bin': file });
    origin.fault = (req, res, given) => (req.method === 'GET' ? busy(429, '4')(req, res, given) : undefined);
    const { models } = await serve({ origin: origin.url, clock, digests: { 'a.bin': sha256(file) } });
    const reading = expect((await models.open('a.bin')).verify()).rejects.toMatchObject({ code: 'ORIGIN_FAILED' });
    await until('the refusal', () => origin.requests.length === 2);
    await models.close();
    await reading;
  });

  test('that says years is heeded for five minutes', async () => {
    const clock = new ManualClock();
    const origin = await startOrigin({ 'a.bin': file });
    origin.fault = busy(503, '99999999999');
    const { get } = await serve({ origin: origin.url, clock });
    expect((await get('a.bin')).headers.get('retry-after')).toBe('300');
    origin.fault = undefined;
    await clock.advance(300_000);
    expect(await outcome(get('a.bin'))).toBe('whole');
  });

  test('is passed on, and heeded: nothing is asked before', async () => {
    const clock = new ManualClock();
    const origin = await startOrigin({ 'a.bin': file });
    origin.fault = busy(429, '60');
    const { get } = await serve({ origin: origin.url, clock });
    const refused = await get('a.bin');
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '60']);
    origin.fault = undefined;
    await clock.advance(59_000);
    expect([(await get('a.bin')).status, origin.requests.length]).toEqual([503, 1]);
    await clock.advance(1_000);
    expect(await outcome(get('a.bin'))).toBe('whole');
  });
});

test('a silent origin is given up after the timeout', async () => {
  const clock = new ManualClock();
  const origin = await startOrigin({ 'a.bin': file });
  origin.fault = (req) => {
    if (req.method !== 'GET') return undefined;
    setImmediate(() => void clock.advance(31_000));
    return true;
  };
  const { get } = await serve({ origin: origin.url, clock, digests: { 'a.bin': sha256(file) } });
  expect(await outcome(get('a.bin'))).toBe(502);
});
