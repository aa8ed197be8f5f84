export { type CacheStatus, formatCacheStatus, setCacheStatus } from './cache-status.ts';
export { controlOf, type RequestControl } from './control.ts';
export type { HeaderList, RecordedResponse, RecordingOutcome, RecordOptions } from './recorder.ts';
