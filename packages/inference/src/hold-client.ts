import type { IncomingMessage, ServerResponse } from 'node:http';
import { hasHungUp } from '@kvasir/core/http';

/**
 * Lets a handler go on for others when its own client has left. While `isNeeded`, the loss of the connection is kept from it: `req` is not
 * destroyed, `res` emits no 'close' and does not look closed; what it writes goes nowhere (but past the recorder). Once the response has ended it is told
 * that all was sent. `release` tells what has been kept back, if anything.
 *
 * A handler that watches `req.socket` itself is not deceived.
 */
export function holdClient(req: IncomingMessage, res: ServerResponse, isNeeded: () => boolean): { release(): void } {
  const destroy = req.destroy.bind(req);
  const emit = res.emit.bind(res);
  const end = res.end.bind(res);
  /** Node's own marks of a response whose connection is gone. */
  const marks = res as { destroyed: boolean; _closed?: boolean };
  let lost: { error: Error | undefined } | undefined;
  let isClosed = false;
  let hasEnded = false;
  // Not undone by putting the methods back: somebody may have wrapped them again since.
  let isOver = false;
  const isHeldBack = (): boolean => !isOver && req.socket.destroyed && !hasHungUp(req) && isNeeded();

  req.destroy = (error) => {
    if (!isHeldBack()) return destroy(error);
    lost = { error };
    return req;
  };
  res.emit = ((event: string, ...args: unknown[]) => {
    if (event !== 'close' || !isHeldBack()) return emit(event, ...args);
    isClosed = true;
    marks.destroyed = false;
    marks._closed = false;
    return true;
  }) as typeof emit;
  res.end = ((...args: Parameters<typeof end>) => {
    const result = end(...args);
    hasEnded = true;
    if (isClosed) process.nextTick(release);
    return result;
  }) as typeof end;

  const release = (): void => {
    if (lost === undefined && !isClosed) return;
    isOver = true;
    if (lost !== undefined) req.destroy(lost.error);
    lost = undefined;
    if (!isClosed) return;
    isClosed = false;
    if (hasEnded) res.emit('finish');
    marks.destroyed = true;
    marks._closed = true;
    res.emit('close');
  };
  return { release };
}
