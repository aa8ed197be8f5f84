import type { IncomingMessage } from 'node:http';
import { type Duration, parseDuration } from '../units.ts';

/** `req.kvasir`: what a route says about its own caching, whichever Kvasir middleware is in front of it. */
export interface RequestControl {
  /** Neither answer this request from cache nor keep its answer. */
  skip(): void;
  /** How long this answer stays fresh, before what the middleware would decide. */
  ttl(duration: Duration): void;
  /** Tags for `invalidateTags`, besides those of the middleware. */
  tags(...tags: string[]): void;
  readonly skipped: boolean;
  readonly ttlMs: number | undefined;
  readonly tagList: readonly string[];
}

declare global {
  // Express's own way to extend its request type; needs no dependency on Express.
  namespace Express {
    interface Request {
      kvasir?: RequestControl;
    }
  }
}

class Control implements RequestControl {
  skipped = false;
  ttlMs: number | undefined;
  readonly tagList: string[] = [];

  skip(): void {
    this.skipped = true;
  }
  ttl(duration: Duration): void {
    this.ttlMs = parseDuration('req.kvasir.ttl', duration);
  }
  tags(...tags: string[]): void {
    this.tagList.push(...tags);
  }
}

/** The request's control, made on first use; several Kvasir middlewares in one chain share it. */
export function controlOf(req: IncomingMessage): RequestControl {
  const controlled = req as IncomingMessage & { kvasir?: RequestControl };
  controlled.kvasir ??= new Control();
  return controlled.kvasir;
}
