import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach } from 'vitest';
import { type HeaderList, type RecordedResponse, type RecordingOutcome, recordResponse } from '../../src/http/index.ts';

export type Handler = (req: IncomingMessage, res: ServerResponse) => void | Promise<void>;
export interface Recorded {
  readonly outcome: RecordingOutcome;
  readonly heads: { status: number; headers: HeaderList }[];
}

export interface ServeOptions {
  readonly maxBytes?: number;
  readonly onHead?: () => boolean;
  readonly onChunk?: (chunk: Buffer) => void;
  readonly before?: Handler;
}

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

/** Serves `handler` behind a recorder; `recorded` settles with the recording of the first request. */
export async function serve(handler: Handler, options: ServeOptions = {}) {
  const heads: { status: number; headers: HeaderList }[] = [];
  let start: (outcome: Promise<RecordingOutcome>) => void;
  const started = new Promise<RecordingOutcome>((resolve) => {
    start = resolve;
  });
  const server = createServer((req, res) => {
    void options.before?.(req, res);
    const outcome = recordResponse(res, {
      maxBytes: options.maxBytes ?? 1_000_000,
      onHead(status, headers) {
        heads.push({ status, headers });
        res.setHeader('x-added', 'late');
        return options.onHead?.() ?? true;
      },
      onChunk: (chunk) => options.onChunk?.(chunk),
    });
    start(outcome);
    void handler(req, res);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  closers.push(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const recorded = async (): Promise<Recorded> => ({ outcome: await started, heads });
  return { url: `http://127.0.0.1:${port}/`, port, recorded };
}

export function whole(recorded: Recorded): RecordedResponse {
  if (!recorded.outcome.complete) throw new Error(`not complete: ${recorded.outcome.reason}`);
  return recorded.outcome.response;
}

export async function record(handler: Handler, init?: RequestInit, options?: ServeOptions) {
  const { url, recorded } = await serve(handler, options);
  const answer = await fetch(url, { redirect: 'manual', ...init });
  const text = await answer.text();
  return { answer, text, recorded: await recorded() };
}
