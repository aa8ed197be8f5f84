export { main } from './main.ts';
export type { Format } from './trace/format.ts';
export type { OnRequest } from './trace/line-parser.ts';
export { type ReadOptions, readTrace, type TraceInfo } from './trace/read-trace.ts';
