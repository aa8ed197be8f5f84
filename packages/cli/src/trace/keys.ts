import type { OnRequest } from './line-parser.ts';

/** The whole line is the key. */
export function parseKey(line: string, onRequest: OnRequest): undefined {
  onRequest(line, 0);
}
