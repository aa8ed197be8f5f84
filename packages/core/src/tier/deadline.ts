import type { Clock } from '../clock.ts';

/**
 * `work`, or a rejection with `late()` after `ms`. The verdict waits two turns of the event loop: when it was this process that
 * stalled, the answer is already in the socket and gets its chance.
 */
export function withDeadline<T>(work: Promise<T>, ms: number, clock: Clock, late: () => Error): Promise<T> {
  if (ms === Infinity) return work;
  return new Promise<T>((resolve, reject) => {
    const cancel = clock.after(ms, () => {
      setImmediate(() => setImmediate(() => reject(late())));
    });
    work.then(
      (value) => {
        cancel();
        resolve(value);
      },
      (error: unknown) => {
        cancel();
        reject(error);
      },
    );
  });
}
