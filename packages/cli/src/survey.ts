import { randomInt } from 'node:crypto';
import { hashKey, type MissRatioCurve, ReuseSampler } from '@kvasir/core';
import { measureOverhead } from './entry.ts';
import { hasSizes } from './trace/format.ts';
import { type ReadOptions, readTrace, type TraceInfo } from './trace/read-trace.ts';

export interface SurveyedTrace extends TraceInfo {
  /** Bounded in entries. */
  readonly inEntries: MissRatioCurve;
  /** Bounded in bytes, with what a tier needs beside the values; undefined when the trace does not tell sizes. */
  readonly inBytes: MissRatioCurve | undefined;
}

/** Reads the whole trace once, in 250 KB of memory: how many keys there are, what they weigh, and what LRU of any size would miss. */
export async function surveyTrace(path: string, options: ReadOptions): Promise<SurveyedTrace> {
  const whole = { generation: Infinity, rate: 1 };
  const entries = new ReuseSampler('entries', whole);
  const bytes = new ReuseSampler('bytes', whole);
  const overhead = measureOverhead();
  const seed = randomInt(2 ** 32);
  const onRequest = (key: string, size: number): void => {
    const hash = hashKey(key, seed);
    entries.insert(hash, 1);
    bytes.insert(hash, size + overhead(key));
  };
  const info = await readTrace(path, onRequest, options);
  const inEntries = entries.curve();
  if (inEntries === undefined) throw new RangeError('a trace has requests');
  return { ...info, inEntries, inBytes: hasSizes(info.format) ? bytes.curve() : undefined };
}
