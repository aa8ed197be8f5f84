import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BLOCK_BYTES, blockLength, blocksOf, countBlocks, cutBlocks } from '../src/block.ts';
import { patterned } from './support/app.ts';

const file = patterned(2 * BLOCK_BYTES + 777);

async function* chunked(bytes: Uint8Array, sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  let at = 0;
  for (let i = 0; at < bytes.byteLength; i++) {
    const end = at + (sizes[i % sizes.length] ?? 1);
    yield bytes.subarray(at, end);
    at = end;
  }
}

test('cuts a body into the blocks of the file, however it is chunked and wherever it begins', async () => {
  const sizes = fc.array(fc.integer({ min: 50_000, max: 3_000_000 }), { minLength: 1, maxLength: 5 });
  await fc.assert(
    fc.asyncProperty(sizes, fc.nat(2), async (chunkSizes, first) => {
      const body = chunked(file.subarray(first * BLOCK_BYTES), chunkSizes);
      let index = first;
      for await (const [at, bytes] of cutBlocks(body, first, file.byteLength)) {
        expect(at).toBe(index);
        const expected = file.subarray(index * BLOCK_BYTES, (index + 1) * BLOCK_BYTES);
        expect(Buffer.compare(bytes, expected)).toBe(0);
        index++;
      }
      expect(index).toBe(3);
    }),
    { numRuns: 25 },
  );
});

test('gives no block that is not whole', async () => {
  const cut = chunked(file.subarray(0, BLOCK_BYTES + 5), [1000]);
  const indexes: number[] = [];
  for await (const [index] of cutBlocks(cut, 0, file.byteLength)) indexes.push(index);
  expect(indexes).toEqual([0]);
});

test('knows how many blocks a file has, how long they are and which a span touches', () => {
  expect([0, 1, BLOCK_BYTES, BLOCK_BYTES + 1].map(countBlocks)).toEqual([0, 1, 1, 2]);
  expect(blockLength(2, file.byteLength)).toBe(777);
  expect(blocksOf({ start: BLOCK_BYTES - 1, end: BLOCK_BYTES })).toEqual({ first: 0, last: 0 });
  expect(blocksOf({ start: BLOCK_BYTES - 1, end: BLOCK_BYTES + 1 })).toEqual({ first: 0, last: 1 });
});
