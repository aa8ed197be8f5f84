import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { describe, it } from 'vitest';
import { execute } from '../src/main.ts';
import { kvasir, writeFile } from './support.ts';

/** A loop of ten keys, a hundred times: LRU of nine misses all, of ten only the first ten. */
const LOOP = Array.from({ length: 1000 }, (_, i) => `key ${i % 10}\n`).join('');
const LOG = Array.from(
  { length: 200 },
  (_, i) =>
    `10.0.0.1 - - [10/Oct/2025:13:55:36 +0000] "GET /page/${i % 20} HTTP/1.1" 200 ${1000 * (1 + (i % 20))} "-" "x"\n`,
).join('');

interface Printed {
  readonly trace: {
    readonly format: string;
    readonly requests: number;
    readonly keys: number;
    readonly bytes?: number;
  };
  readonly results: {
    policy: string;
    size: string;
    unit: string;
    capacity: number;
    hits: number;
    hitRatio: number;
    byteHitRatio?: number;
  }[];
}

describe('kvasir simulate', () => {
  it('prints what each policy hits at each size, counted exactly', async () => {
    const { code, stdout, stderr } = await kvasir([
      'simulate',
      writeFile('loop.txt', LOOP),
      '--policies',
      'lru,lfu',
      '--sizes',
      '9,10',
      '--json',
    ]);
    assert.deepEqual([code, stderr], [0, '']);
    const { trace, results } = JSON.parse(stdout) as Printed;
    assert.deepEqual([trace.format, trace.requests, trace.keys, trace.bytes], ['keys', 1000, 10, undefined]);
    assert.deepEqual(
      results
        .filter(({ policy }) => policy === 'lru')
        .map(({ capacity, hits, hitRatio }) => [capacity, hits, hitRatio]),
      [
        [9, 0, 0],
        [10, 990, 0.99],
      ],
    );
    assert.equal(results.length, 4);
  });

  it('reads an access log, packed, in bytes, as a table and a plot', async () => {
    const trace = writeFile('access.log.gz', gzipSync(LOG));
    const { code, stdout } = await kvasir([
      'simulate',
      trace,
      '--policies',
      'lru,gdsf',
      '--sizes',
      '10%,1GB',
      '--svg',
      'plot.svg',
    ]);
    assert.equal(code, 0);
    assert.match(stdout, /access\.log\.gz: 200 requests for 20 keys, \d+ KB \(log\)/);
    assert.match(
      stdout,
      /^Hit ratio, %:\nsize +lru +gdsf\n10% +\d+\.\d KB +\d+\.\d +\d+\.\d\n1GB +1\.0 GB +90\.0 +90\.0$/m,
    );
    assert.match(stdout, /^Bytes hit, %:\n(.*\n){2}1GB +1\.0 GB +90\.0 +90\.0$/m);
    const svg = readFileSync(writeFile('unused', '').replace(/unused$/, 'plot.svg'), 'utf8');
    assert.ok(svg.startsWith('<svg') && svg.includes('>gdsf</text>'));
  });

  it('tries every policy and usual sizes when nothing is said, also from standard input', async () => {
    const { code, stdout } = await kvasir(['simulate', '-', '--json'], LOOP);
    assert.equal(code, 0);
    const { results } = JSON.parse(stdout) as Printed;
    assert.deepEqual([...new Set(results.map(({ size }) => size))], ['0.5%', '2%', '8%', '25%']);
    assert.ok(new Set(results.map(({ policy }) => policy)).size >= 9);
  });
});

describe('kvasir plan', () => {
  it('names the size that reaches the target', async () => {
    const { code, stdout } = await kvasir(['plan', writeFile('loop.txt', LOOP), '--target', '0.9']);
    assert.equal(code, 0);
    assert.match(stdout, /^90\.0 % of requests hit in LRU of 10 entries;/m);
    assert.match(stdout, /θ must be below 0\.10/);
    assert.match(stdout, /Locality index −.*loops and scans/);
  });

  it('says what is the most when no size reaches the target, and tells bytes where the trace does', async () => {
    const { output } = await execute(['plan', writeFile('access.log', LOG), '--target', '0.95']);
    assert.match(output, /No size reaches 95\.0 %: with everything kept it would be 90\.0 %/);
    const { output: json } = await execute(['plan', writeFile('access.log', LOG), '--target', '0.8', '--json']);
    const { plans } = JSON.parse(json) as { plans: { unit: string; capacity: number }[] };
    assert.deepEqual(
      plans.map(({ unit }) => unit),
      ['entries', 'bytes'],
    );
    assert.ok((plans[1]?.capacity ?? 0) > 200_000);
  });
});

describe('kvasir', () => {
  it('explains itself when asked, and tells its version', async () => {
    for (const args of [[], ['--help'], ['simulate', '-h']]) {
      const { code, output } = await execute(args);
      assert.equal(code, 0);
      assert.match(output, /kvasir simulate <trace>/);
    }
    const manifest = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
    assert.equal((await kvasir(['--version'])).stdout.trim(), (JSON.parse(manifest) as { version: string }).version);
  });

  it.each([
    [['simulate'], /expected a trace/],
    [['stimulate', 'x'], /expected simulate or plan, got 'stimulate'/],
    [['simulate', 'a', 'b'], /expected one trace/],
    [['simulate', 'missing.log'], /missing\.log: no such file/],
    [['simulate', '.'], /\.: a folder, no file/],
    [['simulate', 'x', '--policies', 'fifo'], /--policies: expected some of adaptive, lru/],
    [['simulate', 'x', '--sizes', '12%%'], /--sizes: expected sizes like/],
    [['simulate', 'x', '--format', 'xml'], /--format: expected one of keys/],
    [['simulate', 'x', '--target', '0.5'], /--target: expected nothing of this name for simulate/],
    [['simulate', 'x', '--colour'], /Unknown option '--colour'\nkvasir --help/],
    [['plan', 'x'], /--target: expected a hit ratio/],
    [['plan', 'x', '--target', '90'], /--target: expected a hit ratio/],
    [['plan', 'x', '--target', '0.9', '--svg', 'y'], /--svg: expected nothing of this name for plan/],
  ])('complains of %j in a line, with exit code 1 and no stack', async (args, expected) => {
    const { code, output, complaint } = await execute(args);
    assert.deepEqual([code, output], [1, '']);
    assert.match(complaint, expected);
    assert.doesNotMatch(complaint, /\n\s+at /);
  });

  it('names file and line of a damaged trace', async () => {
    const { code, stderr } = await kvasir(['simulate', writeFile('mixed.log', `${LOG}nonsense\n`)]);
    assert.equal(code, 1);
    assert.match(
      stderr,
      /^kvasir: .*mixed\.log:201: expected a line of an access log in common or combined format, got nonsense\n$/,
    );
  });
});
