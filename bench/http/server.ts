// One Express server in a process of its own: `server.ts <kind>`. Tells its port, then how it stands whenever it is asked.
import type { AddressInfo } from 'node:net';
import { web } from '@kvasir/web';
import apicache from 'apicache';
import express, { type Handler } from 'express';
import { cpuMicros } from '../shared/cpu.ts';

const PAGE_BYTES = 10 * 1024;
const page = `<!doctype html><title>News</title>${'<p>Mead and poetry.</p>'.repeat(600)}`.slice(0, PAGE_BYTES);

/** What stands in front of the page, by kind. */
const fronts: Readonly<Record<string, () => Handler | undefined>> = {
  bare: () => undefined,
  kvasir: () => web(),
  apicache: () => apicache.options({ headers: { 'cache-control': 'public, max-age=3600' } }).middleware('1 hour'),
};

/** `cpu`: microseconds so far. `rendered`: how often the route itself was asked. */
export interface Standing {
  readonly cpu: number;
  readonly rendered: number;
}

const kind = process.argv[2] ?? '';
const makeFront = fronts[kind];
if (makeFront === undefined) throw new Error(`No server of kind ${kind}`);

const app = express();
const front = makeFront();
if (front !== undefined) app.use(front);
let rendered = 0;
app.get('/news/:id', (_req, res) => {
  rendered += 1;
  res.writeHead(200, {
    'content-type': 'text/html; charset=utf-8',
    'content-length': PAGE_BYTES,
    'cache-control': 'public, max-age=3600',
    etag: '"news"',
  });
  res.end(page);
});

const server = app.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
process.on('message', () => process.send?.({ cpu: cpuMicros(), rendered } satisfies Standing));
process.on('disconnect', () => process.exit());
