import { KvasirError, type KvasirErrorCode } from '@kvasir/core';

/** What is known about a failure, kept as the `cause` of its {@link KvasirError}. */
export interface Fault {
  /**
   * transient: may pass · refused: the origin will not give it · changed: a read showed that the file is no longer the one described ·
   * replaced: a newer version of it was opened · broken: an answer against the protocol · missing: no such file.
   */
  readonly kind: 'transient' | 'refused' | 'changed' | 'replaced' | 'broken' | 'missing';
  /** Status of the origin's answer. */
  readonly status?: number | undefined;
  /** Milliseconds that the origin asked us to wait. */
  readonly retryAfterMs?: number | undefined;
  readonly reason?: unknown;
}

/** An error for callers. `what` never holds the origin's URL, which may be signed. */
export function originFailed(name: string, what: string, fault: Fault): KvasirError {
  return new KvasirError('ORIGIN_FAILED', `${name}: ${what}`, { cause: fault });
}

export function unverified(name: string, what: string): KvasirError {
  return new KvasirError('UNVERIFIED', `${name}: ${what}`);
}

export function faultOf(error: unknown): Fault | undefined {
  if (!(error instanceof KvasirError) || error.code !== 'ORIGIN_FAILED') return undefined;
  const cause = error.cause;
  return typeof cause === 'object' && cause !== null && 'kind' in cause ? (cause as Fault) : undefined;
}

export function codeOf(error: unknown): KvasirErrorCode {
  return error instanceof KvasirError ? error.code : 'ORIGIN_FAILED';
}
