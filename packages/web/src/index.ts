export { DEFAULTS, type WebOptions } from './options.ts';
export { type Web, web } from './web.ts';
