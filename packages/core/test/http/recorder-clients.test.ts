import { request, type ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { serve } from '../support/recorded.ts';

describe('recordResponse, when the client leaves', () => {
  /** Asks, waits for `leave`, hangs up, and resolves `gone` on the server when it knows. */
  async function leaveEarly(handler: (res: ServerResponse, leave: () => Promise<void>) => Promise<void>) {
    const { url, recorded } = await serve(async (_, res) => {
      const gone = new Promise<void>((resolve) => res.socket?.once('close', () => setImmediate(resolve)));
      await handler(res, async () => {
        client.destroy();
        await gone;
      });
    });
    const client = request(url).on('error', () => {});
    client.end();
    return (await recorded()).outcome;
  }

  it('keeps a body that comes in one piece afterwards', async () => {
    const outcome = await leaveEarly(async (res, leave) => {
      await leave();
      res.setHeader('x-late', '1');
      res.end('all of it');
    });
    expect(outcome).toMatchObject({ complete: true, response: { status: 200, body: Buffer.from('all of it') } });
  });

  it('keeps a body of declared length that the handler writes to the end', async () => {
    const outcome = await leaveEarly(async (res, leave) => {
      res.writeHead(200, { 'content-length': 8 });
      res.write('all ');
      await leave();
      res.write('of i');
      res.end();
    });
    expect(outcome).toMatchObject({ complete: true, response: { body: Buffer.from('all of i') } });
  });

  it('does not keep a body of unknown length that ends after it', async () => {
    const outcome = await leaveEarly(async (res, leave) => {
      res.write('short');
      await leave();
      res.end();
    });
    expect(outcome).toEqual({ complete: false, reason: 'aborted' });
  });

  it('does not keep an empty end', async () => {
    const outcome = await leaveEarly(async (res, leave) => {
      await leave();
      res.end();
    });
    expect(outcome).toEqual({ complete: false, reason: 'aborted' });
  });

  it('does not keep the answer of a handler that was listening for it', async () => {
    for (const target of ['req', 'res'] as const) {
      const outcome = await leaveEarly(async (res, leave) => {
        let stopped = false;
        (target === 'req' ? res.req : res).once('close', () => {
          stopped = true;
        });
        await leave();
        res.end(stopped ? 'partial' : 'complete');
      });
      expect(outcome).toEqual({ complete: false, reason: 'aborted' });
    }
  });

  it('does not wait for a pipe that lost its destination', async () => {
    const outcome = await leaveEarly(async (res, leave) => {
      const source = new PassThrough();
      source.pipe(res);
      source.write('part');
      await leave();
    });
    expect(outcome).toEqual({ complete: false, reason: 'aborted' });
  });

  it('keeps a body that was ended while the client was still there, though it never arrived', async () => {
    const outcome = await leaveEarly(async (res, leave) => {
      res.end(Buffer.alloc(900_000));
      await leave();
    });
    expect(outcome.complete).toBe(true);
  });
});

describe('recordResponse and a client that does not read', () => {
  it('records at the speed of the handler, and pauses it again once the body is too large', async () => {
    const pauses: boolean[] = [];
    const { port, recorded } = await serve(
      (_, res) => {
        const block = Buffer.alloc(1_000_000);
        for (let sent = 0; sent < 12; sent++) pauses.push(!res.write(block));
      },
      { maxBytes: 10_000_000 },
    );
    const client = connect(port, '127.0.0.1', () => client.write('GET / HTTP/1.1\r\nhost: a\r\n\r\n'));
    client.pause();
    expect((await recorded()).outcome).toEqual({ complete: false, reason: 'too-large' });
    expect(pauses.slice(0, 10)).toEqual(Array.from({ length: 10 }, () => false));
    expect(pauses.slice(10)).toEqual([true, true]);
    client.destroy();
  });
});
