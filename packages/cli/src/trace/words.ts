import type { WordFormat } from './format.ts';
import type { OnRequest } from './line-parser.ts';
import type { Reader } from './lines.ts';
import { traceError } from './trace-error.ts';

const WORD = 4;

/** Reads requests of one or two little-endian words of four bytes. */
export class WordReader implements Reader {
  readonly #path: string;
  readonly #requestBytes: number;
  readonly #keyAt: number;
  readonly #sizeAt: number;
  readonly #onRequest: OnRequest;
  #rest: Buffer = Buffer.alloc(0);
  #bytes = 0;

  constructor(path: string, format: WordFormat, onRequest: OnRequest) {
    this.#path = path;
    this.#requestBytes = format === 'u32' ? WORD : 2 * WORD;
    this.#keyAt = format === 'cid' ? WORD : 0;
    this.#sizeAt = format === 'idsz' ? WORD : -1;
    this.#onRequest = onRequest;
  }

  get position(): string {
    return `after ${Math.floor(this.#bytes / this.#requestBytes)} requests`;
  }

  push(chunk: Buffer): void {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const end = bytes.length - (bytes.length % this.#requestBytes);
    for (let at = 0; at < end; at += this.#requestBytes) {
      const size = this.#sizeAt === -1 ? 0 : bytes.readUInt32LE(at + this.#sizeAt);
      this.#onRequest(`${bytes.readUInt32LE(at + this.#keyAt)}`, size);
    }
    this.#rest = bytes.subarray(end);
    this.#bytes += chunk.length;
  }

  end(): void {
    if (this.#rest.length === 0) return;
    const expected = `expected whole requests of ${this.#requestBytes} bytes, got ${this.#rest.length} at the end`;
    throw traceError(this.#path, `byte ${this.#bytes - this.#rest.length}: ${expected}`);
  }
}
