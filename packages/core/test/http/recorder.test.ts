import type { IncomingMessage, ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { type Handler, record, serve, whole } from '../support/recorded.ts';

describe('recordResponse', () => {
  const bodies: [string, Handler, string][] = [
    ['end with a string', (_, res) => void res.end('häß'), 'häß'],
    ['end with an encoding', (_, res) => void res.end('68c3a4', 'hex'), 'hä'],
    ['end with a callback', (_, res) => void res.end('x', () => {}), 'x'],
    ['end with encoding and callback', (_, res) => void res.end('eA==', 'base64', () => {}), 'x'],
    ['end with a Buffer', (_, res) => void res.end(Buffer.from('buf')), 'buf'],
    ['end with a Uint8Array', (_, res) => void res.end(new Uint8Array([104, 105])), 'hi'],
    [
      'end with nothing but a callback',
      (_, res) => {
        res.write('a');
        res.end(() => {});
      },
      'a',
    ],
    [
      'several writes',
      (_, res) => {
        res.write('a');
        res.write('Yg==', 'base64');
        res.write(Buffer.from('c'), () => {});
        res.end('d');
      },
      'abcd',
    ],
    [
      'flushHeaders first',
      (_, res) => {
        res.flushHeaders();
        res.end('late');
      },
      'late',
    ],
    ['a pipe', (_, res) => void Readable.from(['one ', 'two']).pipe(res), 'one two'],
    ['nothing at all', (_, res) => void res.end(), ''],
  ];
  it.each(bodies)('records %s as it was sent', async (_name, handler, expected) => {
    const { text, recorded } = await record(handler);
    expect(text).toBe(expected);
    expect(whole(recorded).body.toString()).toBe(expected);
    expect(recorded.heads).toHaveLength(1);
  });

  const heads: [string, Handler][] = [
    ['an object', (_, res) => void res.writeHead(203, { 'X-One': '1', 'X-Two': ['a', 'b'] }).end()],
    [
      'a reason and an object',
      (_, res) => void res.writeHead(203, 'Fine', { 'X-One': '1', 'X-Two': ['a', 'b'] }).end(),
    ],
    ['a flat array', (_, res) => void res.writeHead(203, ['X-One', '1', 'X-Two', 'a', 'X-Two', 'b']).end()],
    [
      'pairs',
      (_, res) =>
        void res
          .writeHead(203, [
            ['X-One', '1'],
            ['X-Two', ['a', 'b']],
          ] as never)
          .end(),
    ],
    [
      'setHeader and appendHeader',
      (_, res) => {
        res.statusCode = 203;
        res.setHeader('X-One', 1);
        res.appendHeader('X-Two', 'a');
        res.appendHeader('X-Two', 'b');
        res.end();
      },
    ],
    [
      'setHeader, replaced in writeHead',
      (_, res) => {
        res.setHeader('X-One', 'old');
        res.setHeader('X-Two', 'old');
        res.writeHead(203, ['X-One', '1', 'X-Two', 'a', 'X-Two', 'b']).end();
      },
    ],
  ];
  it.each(heads)('keeps names, case and repeats of a head given by %s', async (_name, handler) => {
    const { answer, recorded } = await record(handler);
    const expected = [
      ['X-One', '1'],
      ['X-Two', 'a'],
      ['X-Two', 'b'],
    ];
    expect(whole(recorded).headers).toEqual(expected);
    expect(whole(recorded).status).toBe(203);
    expect(recorded.heads).toEqual([{ status: 203, headers: expected }]);
    expect(answer.headers.get('x-two')).toBe('a, b');
    expect(answer.headers.get('x-added')).toBe('late');
  });

  it('keeps the reason phrase', async () => {
    const { recorded } = await record((_, res) => void res.writeHead(200, 'Very Well').end());
    expect(whole(recorded).statusMessage).toBe('Very Well');
  });

  it('records no body for HEAD, 204 and 304, whatever Content-Length says', async () => {
    const head = await record((_, res) => void res.writeHead(200, { 'Content-Length': '10' }).end(), {
      method: 'HEAD',
    });
    expect(whole(head.recorded).body).toHaveLength(0);
    for (const status of [204, 304]) {
      const none = await record((_, res) => void res.writeHead(status).end('ignored'));
      expect(whole(none.recorded).body).toHaveLength(0);
    }
  });

  it('does not take 103 Early Hints for the head', async () => {
    const { recorded } = await record((_, res) => {
      res.writeEarlyHints({ link: '</a.css>; rel=preload' });
      res.end('final');
    });
    expect(recorded.heads).toHaveLength(1);
    expect(whole(recorded).status).toBe(200);
  });

  it('copies what it records', async () => {
    const buffer = Buffer.from('first');
    const { recorded } = await record((_, res) => {
      res.write(buffer, () => {
        buffer.fill('x');
        res.end();
      });
    });
    expect(whole(recorded).body.toString()).toBe('first');
  });

  it('records nothing when onHead declines or throws, and answers all the same', async () => {
    const declined = await record((_, res) => void res.end('x'), {}, { onHead: () => false });
    expect(declined.text).toBe('x');
    expect(declined.recorded.outcome).toEqual({ complete: false, reason: 'declined' });
    const thrown = await record(
      (_, res) => void res.end('x'),
      {},
      {
        onHead: () => {
          throw new Error('rule');
        },
      },
    );
    expect(thrown.text).toBe('x');
    expect(thrown.recorded.outcome).toEqual({ complete: false, reason: 'declined' });
  });

  it('passes on a body above maxBytes without keeping it, with and without Content-Length', async () => {
    const chunked = await record(
      (_, res) => {
        res.write('12345');
        res.end('67890');
      },
      {},
      { maxBytes: 9 },
    );
    expect(chunked.text).toBe('1234567890');
    expect(chunked.recorded.outcome).toEqual({ complete: false, reason: 'too-large' });
    const declared = await record(
      (_, res) => void res.writeHead(200, { 'content-length': 10 }).end('1234567890'),
      {},
      { maxBytes: 9 },
    );
    expect(declared.text).toBe('1234567890');
    expect(declared.recorded.outcome).toEqual({ complete: false, reason: 'too-large' });
    const fits = await record((_, res) => void res.end('123456789'), {}, { maxBytes: 9 });
    expect(fits.recorded.outcome.complete).toBe(true);
  });

  it('asks about the head of a response whose first piece is too large already', async () => {
    const { answer, recorded } = await record(
      (_, res) => void res.writeHead(404, { 'x-own': '1' }).end('12'),
      {},
      { maxBytes: 1 },
    );
    expect(recorded.heads).toEqual([{ status: 404, headers: [['x-own', '1']] }]);
    expect(answer.headers.get('x-added')).toBe('late');
    const implicit = await record((_, res) => void res.end('12'), {}, { maxBytes: 0 });
    expect(implicit.recorded.heads).toEqual([{ status: 200, headers: [] }]);
    expect(implicit.answer.headers.get('x-added')).toBe('late');
  });

  it('tells of each piece as it comes, and of none that is not recorded', async () => {
    const pieces: string[] = [];
    const onChunk = (chunk: Buffer): void => void pieces.push(chunk.toString());
    const handler: Handler = (_, res) => {
      res.write('a');
      res.write('Yg==', 'base64');
      res.end('c');
    };
    await record(handler, {}, { onChunk });
    expect(pieces.splice(0)).toEqual(['a', 'b', 'c']);
    await record(handler, {}, { onChunk, maxBytes: 2 });
    expect(pieces.splice(0)).toEqual(['a', 'b']);
    await record(handler, {}, { onChunk, onHead: () => false });
    expect(pieces).toEqual([]);
  });

  it('takes an end before Content-Length bytes for a truncation', async () => {
    const { url, recorded } = await serve((_, res) => {
      res.writeHead(200, { 'content-length': 10 });
      res.end('short');
      res.socket?.end();
    });
    await fetch(url)
      .then((answer) => answer.text())
      .catch(() => {});
    expect((await recorded()).outcome).toEqual({ complete: false, reason: 'length-mismatch' });
  });

  it('does not complete a response that its handler destroys', async () => {
    const { url, recorded } = await serve((_, res) => {
      res.write('part');
      res.destroy();
    });
    await fetch(url)
      .then((answer) => answer.text())
      .catch(() => {});
    expect((await recorded()).outcome).toEqual({ complete: false, reason: 'aborted' });
  });

  it('does not complete when the handler throws inside end', async () => {
    const { recorded } = await record((_, res) => {
      try {
        res.end(42 as never);
      } catch {
        res.end('recovered');
      }
    });
    expect(recorded.outcome).toEqual({ complete: false, reason: 'aborted' });
  });

  it('asks again for a head whose first attempt had an invalid status', async () => {
    const { recorded } = await record((_, res) => {
      expect(() => res.writeHead(42)).toThrow();
      res.writeHead(404).end('no');
    });
    expect(recorded.heads).toHaveLength(1);
    expect(whole(recorded).status).toBe(404);
  });

  it('gives up on an upgrade', async () => {
    const { port, recorded } = await serve((_, res) => void res.writeHead(101, { upgrade: 'x' }).end());
    const socket = connect(port, '127.0.0.1', () => socket.write('GET / HTTP/1.1\r\nhost: a\r\n\r\n'));
    expect((await recorded()).outcome).toEqual({ complete: false, reason: 'upgrade' });
    socket.destroy();
  });
});

describe('recordResponse among wrappers of write and end', () => {
  /** Wraps like `compression` does: late head, changed fields, another body. */
  function shout(_req: IncomingMessage, res: ServerResponse): void {
    const writeHead = res.writeHead.bind(res);
    const write = res.write.bind(res);
    const end = res.end.bind(res);
    const upper = (chunk: unknown) => String(chunk).toUpperCase();
    res.writeHead = ((status: number) => {
      res.setHeader('content-encoding', 'upper');
      res.removeHeader('content-length');
      return writeHead(status);
    }) as typeof res.writeHead;
    res.write = ((chunk: unknown) => {
      if (!res.headersSent) res.writeHead(res.statusCode);
      return write(upper(chunk), 'utf8');
    }) as typeof res.write;
    res.end = ((chunk?: unknown) => {
      if (!res.headersSent) res.writeHead(res.statusCode);
      if (chunk !== undefined) res.write(chunk);
      return end();
    }) as typeof res.end;
  }
  const handler: Handler = (_, res) => {
    res.setHeader('content-length', 3);
    res.write('a');
    res.end('bc');
  };

  it('records the plain body when the wrapper was mounted before it', async () => {
    const { text, recorded } = await record(handler, {}, { before: shout });
    expect(text).toBe('ABC');
    expect(whole(recorded).body.toString()).toBe('abc');
    expect(whole(recorded).headers).toEqual([['content-length', '3']]);
  });

  it('records the wrapped body when the wrapper was mounted after it', async () => {
    const { text, recorded } = await record((req, res) => {
      shout(req, res);
      void handler(req, res);
    });
    expect(text).toBe('ABC');
    expect(whole(recorded).body.toString()).toBe('ABC');
    expect(whole(recorded).headers).toEqual([['content-encoding', 'upper']]);
  });
});
