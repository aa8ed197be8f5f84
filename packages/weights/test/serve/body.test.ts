import { get, type IncomingMessage } from 'node:http';
import { expect, test } from 'vitest';
import { cut, writeBody } from '../../src/serve/body.ts';
import { listen, MIB, patterned } from '../support/app.ts';

const PARTS = 64;
const part = patterned(MIB);

function open(url: string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    get(url, resolve).on('error', reject);
  });
}

async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise<void>((resolve) => setImmediate(resolve));
}

test('asks for no part before the client took the one before it, and for all when it reads', async () => {
  let asked = 0;
  const url = await listen((_req, res) => {
    async function* parts(): AsyncGenerator<Uint8Array> {
      for (; asked < PARTS; asked++) yield part;
    }
    void writeBody(res, parts());
  });
  const response = await open(url);
  await turns(500);
  // What the buffers of two sockets hold is the kernel's to say: some megabytes, not 64.
  expect(asked).toBeLessThan(PARTS / 2);
  let received = 0;
  for await (const chunk of response) received += (chunk as Uint8Array).byteLength;
  expect([received, response.complete]).toEqual([PARTS * MIB, true]);
});

test('stops asking when the client has left, and ends what it was asking', async () => {
  let onEnd: (asked: number) => void = () => undefined;
  const ended = new Promise<number>((resolve) => {
    onEnd = resolve;
  });
  const url = await listen((_req, res) => {
    async function* parts(): AsyncGenerator<Uint8Array> {
      let asked = 0;
      try {
        for (; asked < PARTS; asked++) yield part;
      } finally {
        onEnd(asked);
      }
    }
    void writeBody(res, parts());
  });
  const response = await open(url);
  response.destroy();
  expect(await ended).toBeLessThan(PARTS);
});

test.each([
  [0, 10, 0, 10],
  [0, 10, 3, 5],
  [0, 10, 9, 10],
  [4, 10, 4, 9],
])('cuts from a body of bytes %i to %i those from %i to %i', async (start, end, from, to) => {
  const bytes = Uint8Array.from({ length: end - start }, (_, i) => start + i);
  async function* body(): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < bytes.length; at += 3) yield bytes.subarray(at, at + 3);
  }
  const found: number[] = [];
  for await (const chunk of cut(body(), { start, end }, { start: from, end: to })) found.push(...chunk);
  expect(found).toEqual(Array.from({ length: to - from }, (_, i) => from + i));
});
