export { DEFAULTS, type MemoryOptions, memory } from './memory.ts';
