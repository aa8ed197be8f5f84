import { KvasirError } from '@kvasir/core';
import type { KeyvInstance } from './instance.ts';

/** Calls without an answer, after which further ones are refused: a store that hangs costs some MB, not the heap. */
const MAX_UNANSWERED = 1_000;

export interface Watch {
  /** Runs `work` and rejects with REMOTE_FAILED when it fails, also when Keyv only says so in an event. */
  readonly run: <T>(operation: string, work: () => Promise<T>) => Promise<T>;
  readonly stop: () => void;
}

/**
 * Keyv and its stores swallow most errors: a read answers "not there", a write false or nothing, and the error is an `error` event. Such an event during a
 * call, whichever caused it, fails the call: a store that is broken must not look like one that is empty.
 */
export function watchErrors(keyv: KeyvInstance): Watch {
  let unanswered = 0;
  let failures = 0;
  let last: unknown;

  function note(error: unknown): void {
    failures += 1;
    last = error;
  }

  keyv.on('error', note);

  return {
    async run(operation, work) {
      if (unanswered >= MAX_UNANSWERED)
        throw new KvasirError('REMOTE_UNAVAILABLE', `keyv ${operation}: ${unanswered} calls are unanswered`);
      const before = failures;
      unanswered += 1;
      try {
        const answer = await work();
        if (failures !== before) throw last;
        return answer;
      } catch (error) {
        throw new KvasirError('REMOTE_FAILED', `keyv ${operation}: ${describe(failures === before ? error : last)}`);
      } finally {
        unanswered -= 1;
      }
    },
    stop() {
      keyv.off('error', note);
    },
  };
}

/** The first line only, cut, and no cause: what stores put into their errors may be values. */
function describe(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.split('\n', 1)[0]?.slice(0, 200) ?? '';
}
