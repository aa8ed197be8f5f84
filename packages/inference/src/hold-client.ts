import type { IncomingMessage, ServerResponse } from 'node:http';

/**
 * Lets a handler go on for others when its own client has left. While `isNeeded`, the loss of the connection is kept from it: `req` is not
 * destroyed, `res` emits no 'close' and does not look closed; what it writes goes nowhere (but past the recorder). Once the response has ended it is told
 * that all was sent. `release` tells what was kept back.
 *
 * A handler that watches `req.socket` itself is not deceived.
 */
export function holdClient(req: IncomingMessage, res: ServerResponse, isNeeded: () => boolean): { release(): void } {
  const { destroy } = req;
  const { emit, end } = res;
  /** Node's own marks of a response whose connection is gone. */
  const marks = res as { destroyed: boolean; _closed?: boolean };
  let lost: { error: Error | undefined } | undefined;
  let closed = false;
  let ended = false;

  req.destroy = (error) => {
    if (!req.socket.destroyed || !isNeeded()) return destroy.call(req, error);
    lost = { error };
    return req;
  };
  res.emit = ((event: string, ...args: unknown[]) => {
    if (event !== 'close' || !req.socket.destroyed || !isNeeded()) return emit.call(res, event, ...args);
    closed = true;
    marks.destroyed = false;
    marks._closed = false;
    return true;
  }) as typeof emit;
  res.end = ((...args: Parameters<typeof end>) => {
    const result = end.apply(res, args);
    ended = true;
    if (closed) process.nextTick(release);
    return result;
  }) as typeof end;

  const release = (): void => {
    req.destroy = destroy;
    res.emit = emit;
    if (lost !== undefined) req.destroy(lost.error);
    lost = undefined;
    if (!closed) return;
    closed = false;
    if (ended) res.emit('finish');
    marks.destroyed = true;
    marks._closed = true;
    res.emit('close');
  };
  return { release };
}
