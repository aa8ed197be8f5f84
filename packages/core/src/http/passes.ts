import type { IncomingMessage } from 'node:http';

/**
 * A function that tells how many times it has seen a request before. A middleware that stands behind another of its kind would otherwise wait, over the same cache and
 * under the same key, for the answer that it is itself to bring: each pass has keys of its own.
 */
export function countPasses(): (req: IncomingMessage) => number {
  const passes = new WeakMap<IncomingMessage, number>();
  return (req) => {
    const before = passes.get(req) ?? 0;
    passes.set(req, before + 1);
    return before;
  };
}
