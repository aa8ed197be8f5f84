export { CREDENTIAL_HEADERS } from '@kvasir/core/http';
export { type Answer, CALL_FIELDS } from './answer.ts';
export type { StreamEvent } from './event-stream.ts';
export { type InferenceHandler, inference } from './inference.ts';
export { MEMOIZE_DEFAULTS, type MemoizeOptions, memoize } from './memoize.ts';
export { DEFAULTS, type InferenceOptions, type TenantRequest } from './options.ts';
export { KEY_HEADERS } from './request-key.ts';
export { STATEFUL_FIELDS, STATEFUL_ROUTES } from './request-rules.ts';
