export { bodyCodec, responseCodec } from './body-codec.ts';
export { type CacheStatus, formatCacheStatus, setCacheStatus } from './cache-status.ts';
export { controlOf, type RequestControl } from './control.ts';
export { CREDENTIAL_HEADERS, hasField } from './credentials.ts';
export { hasHungUp } from './hang-up.ts';
export { listHeaders } from './head.ts';
export { countPasses } from './passes.ts';
export {
  type HeaderList,
  type RecordedResponse,
  type RecordingOutcome,
  type RecordOptions,
  type RecordResponse,
  recordResponse,
} from './recorder.ts';
export { prepareReplay, type Replay, replay } from './replay.ts';
