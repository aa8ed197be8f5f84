export { type BusSubject, busConformance } from './bus.ts';
export type { Check } from './check.ts';
export { type LeasesSubject, leasesConformance } from './leases.ts';
export { type LocalStoreSetup, localStoreConformance } from './local-store.ts';
export { policyConformance } from './policy.ts';
export { type MakeRemoteStore, type RemoteStoreSubject, remoteStoreConformance } from './remote-store.ts';
