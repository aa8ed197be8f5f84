// A process that replays traces on request: a message is a Job, the answers are Replies.

import { simulate } from './simulate.ts';
import type { Job, Reply } from './simulate-all.ts';

function answer(reply: Reply): void {
  process.send?.(reply);
}

process.on('disconnect', () => process.exit());
process.on('message', ({ path, policy, sizes, format }: Job) => {
  const onProgress = (bytes: number): void => answer({ type: 'progress', bytes });
  simulate(path, policy, sizes, { format, onProgress }).then(
    (outcomes) => answer({ type: 'done', outcomes }),
    (error: unknown) => answer({ type: 'failed', message: error instanceof Error ? error.message : String(error) }),
  );
});
