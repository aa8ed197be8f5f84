import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { prepareReplay, type RecordedResponse, replay } from '../../src/http/index.ts';

let stop: (() => void) | undefined;
afterEach(() => stop?.());

async function ask(answer: (res: ServerResponse) => void, init: RequestInit = {}): Promise<Response> {
  const server = createServer((_, res) => answer(res)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  stop = () => {
    server.closeAllConnections();
    server.close();
  };
  return fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`, { redirect: 'manual', ...init });
}

const response: RecordedResponse = {
  status: 203,
  statusMessage: 'Kept',
  headers: [
    ['Content-Type', 'text/plain'],
    ['X-Many', 'a'],
    ['X-Many', 'b'],
    ['Connection', 'close, X-Private-Hop'],
    ['X-Private-Hop', '1'],
    ['Transfer-Encoding', 'chunked'],
    ['Content-Length', '999'],
    ['Age', '7'],
  ],
  body: Buffer.from('body'),
};

describe('replay', () => {
  it('sends status, reason, repeated fields and body again, with the right Content-Length', async () => {
    const answer = await ask((res) => replay(res, prepareReplay(response, ['age']), ['X-Added', '1']));
    expect([answer.status, answer.statusText]).toEqual([203, 'Kept']);
    expect(answer.headers.get('x-many')).toBe('a, b');
    expect(answer.headers.get('content-length')).toBe('4');
    expect(answer.headers.get('x-added')).toBe('1');
    expect(answer.headers.has('x-private-hop')).toBe(false);
    expect(answer.headers.has('age')).toBe(false);
    expect(await answer.text()).toBe('body');
  });

  it('replaces what is on the response already, and leaves the rest there', async () => {
    const answer = await ask((res) => {
      res.setHeader('x-many', 'old');
      res.setHeader('x-other', 'kept');
      replay(res, prepareReplay(response), []);
    });
    expect(answer.headers.get('x-many')).toBe('a, b');
    expect(answer.headers.get('x-other')).toBe('kept');
  });

  it('answers HEAD with the length and without the body', async () => {
    const answer = await ask((res) => replay(res, prepareReplay(response), []), { method: 'HEAD' });
    expect(answer.headers.get('content-length')).toBe('4');
    expect(await answer.text()).toBe('');
  });

  it('gives 204 no Content-Length', () => {
    const { fields } = prepareReplay({ ...response, status: 204, body: Buffer.alloc(0) });
    expect(fields).not.toContain('Content-Length');
  });

  it('passes wrappers of the head that know only setHeader', async () => {
    const answer = await ask((res) => {
      const writeHead = res.writeHead.bind(res);
      res.writeHead = ((status: number) => {
        res.setHeader('x-seen', String(res.getHeader('x-many')));
        return writeHead(status);
      }) as typeof res.writeHead;
      replay(res, prepareReplay(response), []);
    });
    expect([answer.status, answer.statusText]).toEqual([203, 'Kept']);
    expect(answer.headers.get('x-seen')).toBe('a,b');
    expect(await answer.text()).toBe('body');
  });
});
