// npm run bench [-- name …] [-- --rounds=N]: runs the benches named, or all, and writes results/.

import type { Bench } from './shared/bench.ts';
import { interleave } from './shared/interleave.ts';
import { formatPage, formatRun } from './shared/page.ts';
import { describeRun, readRecorded, record, writePage } from './shared/record.ts';

const files: Readonly<Record<string, URL>> = {
  throughput: new URL('./throughput/local-get.ts', import.meta.url),
  async: new URL('./async/get-or-load.ts', import.meta.url),
  http: new URL('./http/web-hit.ts', import.meta.url),
  redis: new URL('./redis/remote-get.ts', import.meta.url),
  codec: new URL('./codec/codecs.ts', import.meta.url),
};

const args = process.argv.slice(2);
const named = args.filter((arg) => !arg.startsWith('--'));
const rounds = Number(args.find((arg) => arg.startsWith('--rounds='))?.slice('--rounds='.length) ?? 5);

for (const [name, file] of Object.entries(files)) {
  if (named.length > 0 && !named.includes(name)) continue;
  const { bench } = (await import(file.href)) as { bench: Bench };
  const run = describeRun(name, bench, rounds, await interleave(file.href, bench, rounds));
  record(run);
  console.log(`${formatRun(run)}\n`);
}
writePage(formatPage(readRecorded()));
