import type { LineParser, OnRequest } from './line-parser.ts';
import { quote, traceError } from './trace-error.ts';

const NEWLINE = 10;
const RETURN = 13;
/** A longer one is in no trace, but in a file that was meant for something else. */
const LONGEST_LINE = 2 ** 20;

/** What reads the bytes of a trace in chunks that end anywhere. */
export interface Reader {
  push(chunk: Buffer): void;
  /** Throws INVALID_TRACE when the last request is not whole. */
  end(): void;
  /** How far it has come, for an error of the bytes themselves. */
  readonly position: string;
}

/** Parses line by line. A byte is a character (Latin-1), so that nothing is invalid and keys stay apart. Empty lines are passed over. */
export class LineReader implements Reader {
  readonly #path: string;
  readonly #parse: LineParser;
  readonly #onRequest: OnRequest;
  #rest: Buffer = Buffer.alloc(0);
  #lines = 0;

  constructor(path: string, parse: LineParser, onRequest: OnRequest) {
    this.#path = path;
    this.#parse = parse;
    this.#onRequest = onRequest;
  }

  get position(): string {
    return `after line ${this.#lines}`;
  }

  push(chunk: Buffer): void {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    let start = 0;
    for (let end = bytes.indexOf(NEWLINE); end !== -1; end = bytes.indexOf(NEWLINE, start)) {
      this.#read(bytes, start, end);
      start = end + 1;
    }
    this.#rest = bytes.subarray(start);
    if (this.#rest.length > LONGEST_LINE) throw this.#error(`at most ${LONGEST_LINE} characters`, this.#rest);
  }

  /** The last line may lack its line break. */
  end(): void {
    if (this.#rest.length > 0) this.#read(this.#rest, 0, this.#rest.length);
  }

  #read(bytes: Buffer, start: number, end: number): void {
    const isReturn = end > start && bytes[end - 1] === RETURN;
    const line = bytes.toString('latin1', start, isReturn ? end - 1 : end);
    const expected = line === '' ? undefined : this.#parse(line, this.#onRequest);
    if (expected !== undefined) throw this.#error(expected, bytes.subarray(start, end));
    this.#lines++;
  }

  #error(expected: string, line: Buffer): Error {
    return traceError(`${this.#path}:${this.#lines + 1}`, `expected ${expected}, got ${quote(line)}`);
  }
}
