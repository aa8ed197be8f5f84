export type { Check } from './check.ts';
export { type LocalStoreSetup, localStoreConformance } from './local-store.ts';
export { policyConformance } from './policy.ts';
