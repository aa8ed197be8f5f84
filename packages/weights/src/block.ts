import type { Span } from './range.ts';

/**
 * Bytes of a block, the unit in which files are fetched, kept and checked. Large enough that an HTTP request for eight of them is mostly
 * body, small enough that a random read of a tensor wastes little and that a slow client holds little memory.
 */
export const BLOCK_BYTES: number = 1024 * 1024;

export function countBlocks(size: number): number {
  return Math.ceil(size / BLOCK_BYTES);
}

export function blockLength(index: number, size: number): number {
  return Math.min(BLOCK_BYTES, size - index * BLOCK_BYTES);
}

/** First and last block that hold bytes of a span that is not empty. */
export function blocksOf(span: Span): { readonly first: number; readonly last: number } {
  return { first: Math.floor(span.start / BLOCK_BYTES), last: Math.floor((span.end - 1) / BLOCK_BYTES) };
}

/**
 * Cuts a body that begins at block `first` of a file of `size` bytes into whole blocks. A rest that fills no block is dropped: the caller
 * sees that blocks are missing. Chunks that are a whole block already are passed on, not copied.
 */
export async function* cutBlocks(
  body: AsyncIterable<Uint8Array>,
  first: number,
  size: number,
): AsyncGenerator<readonly [index: number, bytes: Uint8Array]> {
  let index = first;
  let filled = 0;
  let block: Uint8Array | undefined;
  for await (const chunk of body) {
    let at = 0;
    while (at < chunk.byteLength && index < countBlocks(size)) {
      const length = blockLength(index, size);
      if (filled === 0 && at === 0 && chunk.byteLength === length) {
        yield [index++, chunk];
        break;
      }
      block ??= Buffer.allocUnsafeSlow(length);
      const part = chunk.subarray(at, at + length - filled);
      block.set(part, filled);
      at += part.byteLength;
      filled += part.byteLength;
      if (filled === length) {
        yield [index++, block];
        block = undefined;
        filled = 0;
      }
    }
  }
}
