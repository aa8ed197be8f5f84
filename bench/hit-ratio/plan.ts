import type { Anchor } from './anchors.ts';
import { DEFAULT, isExported, OPTIMUM } from './policies.ts';
import type { Job } from './pool.ts';
import type { Room, SizedRoom } from './replay.ts';
import { readLength, type TraceFile } from './trace.ts';

/** Capacities of a trace without anchors, in parts of its keys: the same as the anchors'. */
const PARTS_OF_KEYS = [0.005, 0.02, 0.08, 0.25];
/** The first is the mark; the others show what hangs on how it is counted. */
const SIZED: readonly SizedRoom[] = [
  { partOfBytes: 0.02, bytes: 'of objects', charged: false },
  { partOfBytes: 0.02, bytes: 'of objects', charged: true },
  { partOfBytes: 0.02, bytes: 'of requests', charged: false },
];
/** Blocks of 512 tokens that an LLM server keeps. */
const BLOCKS = [3_000, 10_000, 30_000, 50_000];
/** Beside the default; those that `@kvasir/core` does not export are left out. */
const BESIDE_BYTES = ['lru', 'wTinyLfu', 'gdsf', 'adaptive({"objective":"bytes"})'];
const BESIDE_BLOCKS = ['lru', 'wTinyLfu', 'lirs', 'prefixChains'];
/** LRU is about so many times faster than a policy that counts and compares. */
const LRU_SPEED = 3;
const NUMBER_BYTES = 4;
/** About 250,000 requests. */
const QUICK_BYTES = 2 ** 20;

export function isShort(file: TraceFile): boolean {
  return readLength(file) <= QUICK_BYTES;
}

/** What is to be replayed, for these traces. */
export function planJobs(files: readonly TraceFile[], anchors: readonly Anchor[], policies: readonly string[]): Job[] {
  return files.flatMap((file) => {
    const anchored = anchors
      .filter(({ trace }) => trace === file.name)
      .map(({ capacity }): Room => ({ entries: capacity }));
    const isBlocks = file.format === 'kv.jsonl' && anchored.length === 0;
    const usual = isBlocks
      ? BLOCKS.map((entries): Room => ({ entries }))
      : PARTS_OF_KEYS.map((partOfKeys): Room => ({ partOfKeys }));
    const beside = isBlocks ? BESIDE_BLOCKS.filter(isExported) : ['lru'];
    const own = [DEFAULT, ...beside, ...policies];
    const keyed = anchored.length > 0 ? cross(file, anchored, own) : cross(file, usual, [...own, OPTIMUM]);
    const jobs = file.isTwin ? [] : keyed;
    if (file.format !== 'idsz.u32') return jobs;
    return [...jobs, ...cross(file, SIZED, [DEFAULT, ...BESIDE_BYTES.filter(isExported), ...policies])];
  });
}

function cross(file: TraceFile, rooms: readonly Room[], policies: readonly string[]): Job[] {
  const requests = readLength(file) / (file.format === 'u32' ? NUMBER_BYTES : 2 * NUMBER_BYTES);
  return rooms.flatMap((room) =>
    [...new Set(policies)].map((policy) => ({
      file,
      policy,
      room,
      length: policy === 'lru' ? requests / LRU_SPEED : requests,
    })),
  );
}
