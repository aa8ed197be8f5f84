import type { IncomingMessage } from 'node:http';

/**
 * Whether this side destroyed the connection, as Express does after an error in the middle of a body, and not the client: neither did its end
 * of the connection close, nor was there an error on the way.
 */
export function hasHungUp({ socket }: IncomingMessage): boolean {
  return socket.destroyed && !socket.readableEnded && socket.errored === null;
}
