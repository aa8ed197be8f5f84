import { constants } from 'node:os';

const TWICE_MS = 1000;
const PARENT_EVERY_MS = 100;

/**
 * Ctrl-C reaches a script of npm twice, from the terminal and from npm. One that the program takes only once, to end in order, must not be cut
 * short by the other: what comes within a second is the same signal. A signal that nobody takes ends this process, as ever.
 */
export function takeTwiceAsOnce() {
  for (const signal of ['SIGINT', 'SIGTERM']) {
    let taken = -Infinity;
    process.on(signal, () => {
      const now = performance.now();
      if (process.listenerCount(signal) > 1) taken = now;
      else if (now - taken > TWICE_MS) process.exit(128 + constants.signals[signal]);
    });
  }
}

/**
 * npm passes a signal on to the shell that it runs a script in, and a shell that dies of it leaves this process behind. Ends with that shell
 * then, as if the signal had come here.
 */
export function endWithParent() {
  if (process.env.npm_lifecycle_event === undefined) return;
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    process.kill(process.pid, 'SIGTERM');
  }, PARENT_EVERY_MS);
  watch.unref();
}
