// npm run bench [-- name … --rounds=N --traces=a,b --policy=name --quick]: runs the benches named, or all, and writes results/.
import { parseArgs } from 'node:util';
import type { Bench } from './shared/bench.ts';
import { interleave } from './shared/interleave.ts';
import { formatPage, formatReport, formatRun } from './shared/page.ts';
import { describeRun, readRecorded, record, writePage } from './shared/record.ts';
import type { MakeReport } from './shared/report.ts';

/** Each exports a Bench: contenders that take turns. */
const timed: Readonly<Record<string, URL>> = {
  throughput: new URL('./throughput/throughput.ts', import.meta.url),
  fill: new URL('./throughput/fill.ts', import.meta.url),
  async: new URL('./async/get-or-load.ts', import.meta.url),
  stalls: new URL('./async/stalls.ts', import.meta.url),
  http: new URL('./http/web-hit.ts', import.meta.url),
  redis: new URL('./redis/remote-get.ts', import.meta.url),
  codec: new URL('./codec/codecs.ts', import.meta.url),
};
/** Each exports a MakeReport: recorded requests are replayed and hits counted. */
const counted: Readonly<Record<string, URL>> = {
  'hit-ratio': new URL('./hit-ratio/hit-ratio.ts', import.meta.url),
  prefetch: new URL('./prefetch/prefetch.ts', import.meta.url),
  planner: new URL('./planner/planner.ts', import.meta.url),
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '5' },
    traces: { type: 'string', default: '' },
    policy: { type: 'string', multiple: true, default: [] },
    quick: { type: 'boolean', default: false },
  },
});
const named = positionals.length > 0 ? positionals : [...Object.keys(timed), ...Object.keys(counted)];
for (const name of named) {
  if (name in timed || name in counted) continue;
  throw new Error(
    `There is no bench ${name}; there are ${[...Object.keys(timed), ...Object.keys(counted)].join(', ')}`,
  );
}

const rounds = Number(values.rounds);
for (const [name, file] of Object.entries(timed)) {
  if (!named.includes(name)) continue;
  const { bench } = (await import(file.href)) as { bench: Bench };
  const run = describeRun(name, bench, rounds, await interleave(file.href, bench, rounds));
  record(run);
  console.log(`${formatRun(run)}\n`);
}
for (const [name, file] of Object.entries(counted)) {
  if (!named.includes(name)) continue;
  const { makeReport } = (await import(file.href)) as { makeReport: MakeReport };
  const report = await makeReport({
    traces: values.traces.split(',').filter((trace) => trace !== ''),
    policies: values.policy,
    quick: values.quick,
  });
  if (report === undefined) continue;
  record(report);
  console.log(`${formatReport(report)}\n`);
}
writePage(formatPage(readRecorded()));
