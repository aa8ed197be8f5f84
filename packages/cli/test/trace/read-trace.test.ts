import assert from 'node:assert/strict';
import { gzipSync } from 'node:zlib';
import { KvasirError } from '@kvasir/core';
import fc from 'fast-check';
import { describe, it } from 'vitest';
import { FORMATS, type Format } from '../../src/trace/format.ts';
import { read, type Told } from './support.ts';

const LOG = '127.0.0.1 - - [10/Oct/2000:13:55:36 -0700] "GET /a HTTP/1.0" 200 2326\n';
const words = (...numbers: number[]): Buffer => pack(numbers);
const pack = (numbers: readonly number[]): Buffer => Buffer.from(Uint32Array.from(numbers).buffer);

async function complaint(name: string, content: string | Buffer, format?: Format): Promise<string> {
  const error: unknown = await read(name, content, format).then(
    () => undefined,
    (caught: unknown) => caught,
  );
  assert.ok(error instanceof KvasirError && error.code === 'INVALID_TRACE', String(error));
  return error.message.replace(/^\S*[/\\]/, '');
}

describe('readTrace', () => {
  it('reads keys, a line each, with any line break and with or without one at the end', async () => {
    const { told, format, requests } = await read('keys.txt', 'a b\r\nc\n\nd');
    assert.deepEqual(told, [
      ['a b', 0],
      ['c', 0],
      ['d', 0],
    ]);
    assert.deepEqual([format, requests], ['keys', 3]);
  });

  it('reads words of four bytes by the ending of the name or when told', async () => {
    const pairs: Told[] = [
      ['1', 10],
      ['4000000000', 20],
    ];
    assert.deepEqual((await read('a.u32', words(1, 4e9))).told, [
      ['1', 0],
      ['4000000000', 0],
    ]);
    assert.deepEqual((await read('a.idsz.u32', words(1, 10, 4e9, 20))).told, pairs);
    assert.deepEqual((await read('a.cid.u32.gz', gzipSync(words(9, 1, 9, 4e9)))).told, [
      ['1', 0],
      ['4000000000', 0],
    ]);
    assert.deepEqual((await read('a.bin', words(1, 10, 4e9, 20), 'idsz')).told, pairs);
  });

  it('reads gzip by its first bytes, whatever the name, and several members as one', async () => {
    const { told, format } = await read('log', Buffer.concat([gzipSync(LOG), gzipSync(LOG)]));
    assert.deepEqual(told, [
      ['/a', 2326],
      ['/a', 2326],
    ]);
    assert.equal(format, 'log');
  });

  it('reads the same whatever lies across the borders of chunks', async () => {
    const lines = Array.from({ length: 40_000 }, (_, i) => `key number ${i % 977} é`);
    const { told } = await read('long.txt.gz', gzipSync(Buffer.from(lines.join('\n'), 'latin1')));
    assert.deepEqual(
      told.map(([key]) => key),
      lines,
    );
    const ids = Array.from({ length: 200_001 }, (_, i) => i);
    assert.deepEqual(
      (await read('long.u32', pack(ids))).told.map(([key]) => Number(key)),
      ids,
    );
  });

  it('names the file and the line where the format changes', async () => {
    assert.match(
      await complaint('mixed.log', `${LOG}${LOG}a,5\n`),
      /^mixed\.log:3: expected a line of an access log.*got a,5$/,
    );
    assert.match(await complaint('mixed.csv', `${'a,1\n'.repeat(30)}b\n`), /^mixed\.csv:31: expected key,size/);
    assert.match(
      await complaint('mixed.txt', `${'a\n'.repeat(30)}${LOG}`),
      /^mixed\.txt:31: expected a key .* not a line of format log/,
    );
    assert.match(await complaint('cut.kv.jsonl', '{"b":[1]}\n{"b":[1,'), /^cut\.kv\.jsonl:2: expected a JSON object/);
    assert.match(
      await complaint('a.txt', 'a\n', 'redis'),
      /^a\.txt:1: expected a line of the output of MONITOR, got a$/,
    );
  });

  it('names the file, the byte and the line where gzip is cut off or damaged', async () => {
    const packed = gzipSync(LOG.repeat(5000), { level: 0 });
    assert.match(
      await complaint('cut.gz', packed.subarray(0, 300_000)),
      /^cut\.gz: the gzip data is cut off at byte 300000, after line \d+$/,
    );
    const damaged = Buffer.from(packed);
    damaged.writeUInt32LE(0xdeadbeef, damaged.length - 8);
    assert.match(
      await complaint('bad.gz', damaged),
      /^bad\.gz: the gzip data is damaged before byte \d+, after line \d+$/,
    );
  });

  it('names the byte where words are cut off', async () => {
    assert.match(
      await complaint('cut.u32', Buffer.alloc(11)),
      /^cut\.u32: byte 8: expected whole requests of 4 bytes, got 3 at the end$/,
    );
    assert.match(
      await complaint('cut.idsz.u32', Buffer.alloc(12)),
      /byte 8: expected whole requests of 8 bytes, got 4/,
    );
  });

  it('refuses what is no text, too long a line, nothing at all, and what is not there', async () => {
    assert.match(
      await complaint('image.png', Buffer.alloc(100)),
      /no text, and no name that tells a format; name it by --format/,
    );
    assert.match(await complaint('line.txt', 'x'.repeat(2 ** 21)), /line\.txt:1: expected at most 1048576 characters/);
    for (const empty of ['', '\n\n']) assert.match(await complaint('empty.txt', empty), /no requests in it/);
    assert.match(await complaint('nothing.log', LOG.replace('" 200', '" 404')), /no requests in it \(read as log\)/);
  });

  it('shows nothing of a line that a terminal would obey', async () => {
    assert.match(await complaint('a.csv', 'a,1\n\x1b[2J\x07\n', 'csv'), /got \?\[2J\?$/);
  });

  it('answers any bytes in any format with requests or with INVALID_TRACE', async () => {
    const format = fc.constantFrom(...(FORMATS as Format[]), undefined);
    const piece = fc.oneof(
      fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes)),
      fc.constantFrom(LOG, 'a,1\n', '{"b":[1]}\n', '\n', '1.1 [0 a] "get" "k"\n').map((text) => Buffer.from(text)),
    );
    const content = fc.array(piece, { maxLength: 6 }).map((pieces) => Buffer.concat(pieces));
    const packed = fc.boolean();
    await fc.assert(
      fc.asyncProperty(content, packed, fc.nat({ max: 40 }), format, async (bytes, isPacked, cut, chosen) => {
        const whole = isPacked ? gzipSync(bytes) : bytes;
        await read('any', whole.subarray(0, Math.max(0, whole.length - cut)), chosen).catch((error: unknown) => {
          assert.ok(error instanceof KvasirError && error.code === 'INVALID_TRACE', String(error));
        });
      }),
      { numRuns: 200 },
    );
  });
});
