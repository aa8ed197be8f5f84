export type { KeyvInstance } from './instance.ts';
export { DEFAULTS, type KeyvOptions, keyv } from './keyv.ts';
