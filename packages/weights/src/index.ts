export type { WeightsEvent } from './events.ts';
export { DEFAULTS, type Defaults, type Digests, type WeightsOptions } from './options.ts';
export type { Dtype, TensorData } from './safetensors/dtype.ts';
export type { TensorInfo } from './safetensors/header.ts';
export type { FileState, Tensor, Verification, WeightFile } from './weight-file.ts';
export { type Weights, weights } from './weights.ts';
