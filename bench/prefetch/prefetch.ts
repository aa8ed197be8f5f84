// What markov() and prefetcher() add to the hits of recorded traces, and what they load for it.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { listTraces } from '../hit-ratio/trace.ts';
import { describeMachine } from '../shared/machine.ts';
import { formatTable, type Report, type ReportOptions, type Table } from '../shared/report.ts';
import { type Done, type Job, runJobs } from './jobs.ts';
import { type Price, priceObservations } from './observe.ts';
import type { Counted, PolicyName } from './simulate.ts';

const folder = process.env['KVASIR_TRACES'] ?? fileURLToPath(new URL('../../../shared/traces', import.meta.url));
const POLICIES: readonly PolicyName[] = ['lru', 'default'];
const ARRIVALS = [0, 4];
/** Percentage points. */
const LEAST_GAIN = 1;
const MOST_LOSS = 0.1;
const MOST_FETCHES = 1.05;
/** One of each kind: database keys, files, clicks, and one where nearly every request hits. */
const QUICK = ['orm-busy', 'lirs-sprite', 'kosarak-a', 'addr-twolf'];

export async function makeReport({ traces, quick }: ReportOptions): Promise<Report | undefined> {
  if (!existsSync(folder) || listTraces(folder).length === 0) {
    console.log(`prefetch: no traces in ${folder}. Set KVASIR_TRACES to a folder with name.u32.gz and the like.\n`);
    process.exitCode = 1;
    return undefined;
  }
  const named = quick && traces.length === 0 ? QUICK : traces;
  const files = listTraces(folder).filter(({ name }) => named.length === 0 || named.includes(name));
  const jobs = POLICIES.flatMap((policy) => files.map((file): Job => ({ file, policy, arrivals: ARRIVALS })));
  const price = priceObservations();
  const done = await runJobs(jobs);
  const tables = [tabulateMarks(done, price), ...POLICIES.map((policy) => tabulatePolicy(policy, done))];
  if (named.length === 0) return describe(tables, done, price);
  console.log(`${tables.map(formatTable).join('\n\n')}\n`);
  return undefined;
}

function percent(part: number, of: number): string {
  return ((100 * part) / of).toFixed(2);
}

/** Neither loses more than a tenth of a point, nor loads 5 % more without gaining one. */
function isHarmless({ outcome: { alone, requests } }: Done, ahead: Counted): boolean {
  const gain = (100 * (ahead.hits - alone.hits)) / requests;
  return gain >= -MOST_LOSS && (gain >= LEAST_GAIN || ahead.fetches <= MOST_FETCHES * alone.fetches);
}

function tabulateMarks(done: readonly Done[], price: Price): Table {
  const lru = done.filter(({ job }) => job.policy === 'lru');
  const orm = lru.find(({ job }) => job.file.name === 'orm-busy');
  const [atOnce, later] = ARRIVALS.map((_, index) => ({
    above: lru.filter(({ outcome }) => (outcome.ahead[index]?.hits ?? 0) > outcome.optimum).length,
    harmed: done
      .filter((one) => one.outcome.ahead[index] !== undefined && !isHarmless(one, one.outcome.ahead[index]))
      .map(({ job }) => `${job.file.name} (${job.policy})`),
  }));
  const ormLater = orm?.outcome.ahead[1];
  const rows: (readonly string[])[] = [
    [
      'orm-busy, arrival after 4 requests: hits, fetches against LRU alone',
      '≥ 90 %, ≤ 1.10x',
      orm === undefined || ormLater === undefined
        ? '–'
        : `${percent(ormLater.hits, orm.outcome.requests)} %, ${(ormLater.fetches / orm.outcome.alone.fetches).toFixed(3)}x`,
    ],
    ['traces above OPT on demand, arrival at once', '≥ 6', `${atOnce?.above} of ${lru.length}`],
    ['lost more than 0.1 pp, or 5 % more fetches for less than 1 pp: at once', 'none', list(atOnce?.harmed)],
    ['the same, after 4 requests', 'none', list(later?.harmed)],
    ['an observation of markov(), 100,000 keys, ns of CPU', '< 1,000', `${Math.round(price.observe)}`],
    [
      'a prediction nine steps ahead; counting the requests in a Map, ns of CPU',
      '',
      `${Math.round(price.predict)}; ${Math.round(price.map)}`,
    ],
  ];
  return { head: ['mark', 'asked', 'measured'], rows };
}

function list(names: readonly string[] | undefined): string {
  return names === undefined || names.length === 0 ? 'none' : names.join(', ');
}

function tabulatePolicy(policy: PolicyName, done: readonly Done[]): Table {
  const rows = done
    .filter(({ job }) => job.policy === policy)
    .map(({ job, outcome: { capacity, requests, optimum, alone, ahead } }) => [
      job.file.name,
      String(capacity),
      percent(alone.hits, requests),
      percent(optimum, requests),
      ...ahead.flatMap((counted, index) => [
        percent(counted.hits, requests),
        ...(ARRIVALS[index] === 0 ? [] : [percent(counted.joined, requests)]),
        (counted.fetches / alone.fetches).toFixed(3),
      ]),
    ]);
  const head = ['trace', 'capacity', 'alone', 'OPT', 'at once', 'fetches x', 'after 4', 'joined', 'fetches x'];
  const name = policy === 'lru' ? '`lru()`' : 'the default policy';
  return { caption: `Hits of ${name}, % of requests, without and with prefetching:`, head, rows };
}

function describe(tables: readonly Table[], done: readonly Done[], price: Price): Report {
  return {
    name: 'prefetch',
    title: 'Prefetching on recorded traces',
    about:
      'The first million requests of each trace, replayed one by one through `memory({ maxEntries })` for 2 % of its keys, with `prefetcher()` and ' +
      '`markov()` at their defaults. A load on demand is there at once; what is prefetched arrives right after the request that it was predicted ' +
      'at, or four requests later (the fifth finds it). A hit is a key that is present when it is asked for; a request that meets its key in flight ' +
      'joins that load, is counted as joined and not as a hit, and costs no fetch. Fetches are loads of both kinds, as a multiple of those ' +
      'of the same policy alone. OPT is Belady’s optimum on demand, which knows the future but loads nothing before it is asked for.',
    date: new Date().toISOString().slice(0, 10),
    machine: describeMachine(),
    versions: {},
    tables,
    figures: [],
    notes: [
      'Ids of the traces are numbered in the order in which they first appear, so the successor of a new id is the next new one by construction. ' +
        'Predictors see scattered keys, and `sequence()`, which reads numbers in keys, is left out. Streams are clients where a trace names them.',
    ],
    data: {
      price,
      replays: done.map(({ job, outcome }) => ({ trace: job.file.name, policy: job.policy, ...outcome })),
    },
  };
}
