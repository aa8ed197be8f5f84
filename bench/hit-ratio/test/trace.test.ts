import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listTraces, readLength, readTrace, type Trace, type TraceFile } from '../trace.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'kvasir-traces-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function put(name: string, content: Uint32Array | string, damage = (gzip: Buffer): Buffer => gzip): TraceFile {
  const bytes = typeof content === 'string' ? Buffer.from(content) : Buffer.from(content.buffer);
  writeFileSync(join(folder, name), damage(gzipSync(bytes)));
  const file = listTraces(folder).find(({ path }) => path === join(folder, name));
  if (file === undefined) throw new Error(`${name} is not listed`);
  return file;
}

const read = (name: string, content: Uint32Array | string): Trace => readTrace(put(name, content));

describe('readTrace', () => {
  it('takes a number a request from u32', () => {
    expect(read('plain.u32.gz', Uint32Array.of(0, 1, 0, 2))).toEqual({
      ids: Uint32Array.of(0, 1, 0, 2),
      sizes: undefined,
      uniqueIds: 3,
    });
  });

  it('takes id and size in turn from idsz', () => {
    const { ids, sizes, uniqueIds } = read('objects.idsz.u32.gz', Uint32Array.of(0, 512, 1, 2 ** 32 - 1, 0, 512));
    expect({ ids, sizes, uniqueIds }).toEqual({
      ids: Uint32Array.of(0, 1, 0),
      sizes: Uint32Array.of(512, 2 ** 32 - 1, 512),
      uniqueIds: 2,
    });
  });

  it('leaves out who asked in cid', () => {
    expect(read('clicks.cid.u32.gz', Uint32Array.of(7, 0, 8, 1)).ids).toEqual(Uint32Array.of(0, 1));
  });

  it('takes the blocks of every line from kv.jsonl, in order', () => {
    const lines = '{"t":0,"b":[0,1,2]}\n{"t":5,"b":[0,1,3]}\n';
    expect(read('prompts.kv.jsonl.gz', lines)).toMatchObject({ ids: Uint32Array.of(0, 1, 2, 0, 1, 3), uniqueIds: 4 });
  });

  it('names the file that is cut off or no gzip at all', () => {
    const cut = put('cut.u32.gz', Uint32Array.of(1, 2, 3, 4), (gzip) => gzip.subarray(0, -9));
    const text = put('text.u32.gz', 'x', () => Buffer.from('1 2 3 4'));
    for (const file of [cut, text]) expect(() => readTrace(file)).toThrow(`${file.path}: cannot be read as gzip`);
  });

  it('refuses part of a request', () => {
    const file = put('half.idsz.u32.gz', Uint32Array.of(0, 512, 1));
    expect(() => readTrace(file)).toThrow(`${file.path}: 12 bytes are no whole number of requests of 8 bytes`);
  });

  it.each(['{"b":[0,1', '{"t":3}', '{"b":[0,-1]}', '{"b":"0"}', 'null'])('names the line that says %s', (line) => {
    const file = put('wrong.kv.jsonl.gz', `{"b":[0]}\n${line}\n`);
    expect(() => readTrace(file)).toThrow(`${file.path}:2: expected {"b":[block ids]}, got ${line}`);
  });
});

describe('listTraces', () => {
  it('finds traces by their endings, the longest that fits, and leaves other files alone', () => {
    writeFileSync(join(folder, 'ANCHORS.tsv'), '');
    put('a-b.idsz.u32.gz', Uint32Array.of(0, 1));
    const listed = listTraces(folder);
    expect(listed.find(({ path }) => path.includes('a-b'))).toMatchObject({ name: 'a-b', format: 'idsz.u32' });
    expect(listed.some(({ path }) => path.includes('ANCHORS'))).toBe(false);
  });

  it('knows the same requests with sizes as a twin', () => {
    put('io.u32.gz', Uint32Array.of(0));
    put('io-sized.idsz.u32.gz', Uint32Array.of(0, 1));
    put('lone-sized.idsz.u32.gz', Uint32Array.of(0, 1));
    const twins = listTraces(folder).filter(({ isTwin }) => isTwin);
    expect(twins.map(({ name }) => name)).toEqual(['io-sized']);
  });
});

describe('readLength', () => {
  it('tells the bytes of a trace without unpacking it', () => {
    expect(readLength(put('length.u32.gz', new Uint32Array(1000)))).toBe(4000);
  });
});
