import { PNG } from 'pngjs';

/** RGBA, 8 bits each, row by row. */
export interface Image {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

export interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** f32[1, 3, height, width]: channel by channel, row-major. */
export interface Tensor {
  readonly data: Float32Array;
  readonly dims: readonly number[];
}

/** For each channel, in the order B, G, R that PaddleOCR was trained with: (value / 255 - mean) / deviation. */
export interface Scale {
  readonly mean: readonly [number, number, number];
  readonly deviation: readonly [number, number, number];
}

const MAX_PIXELS = 4_000_000;

/** Throws for what is no PNG, or one of more than 4 megapixels: looked up in its header, before anything is unpacked. */
export function decodePng(bytes: Uint8Array): Image {
  const png = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (png.byteLength < 24 || png.toString('latin1', 12, 16) !== 'IHDR') throw new Error('expected a PNG image');
  if (png.readUInt32BE(16) * png.readUInt32BE(20) > MAX_PIXELS) throw new Error('expected at most 4 megapixels');
  return PNG.sync.read(png);
}

/** The part of `image` in `box`, resized to `width` x `height` by bilinear interpolation, as the models take it. */
export function toTensor(image: Image, box: Box, width: number, height: number, scale: Scale): Tensor {
  const rows = spread(box.top, box.height, height, image.height);
  const columns = spread(box.left, box.width, width, image.width);
  const data = new Float32Array(3 * width * height);
  for (let channel = 0; channel < 3; channel++) {
    const factor = 1 / (255 * (scale.deviation[channel] ?? 1));
    const shift = (scale.mean[channel] ?? 0) / (scale.deviation[channel] ?? 1);
    let at = channel * width * height;
    for (const row of rows) {
      // RGBA to B, G, R.
      const top = row.first * image.width * 4 + 2 - channel;
      const bottom = row.second * image.width * 4 + 2 - channel;
      for (const { first, second, share } of columns) {
        const above = mix(image.data[top + first * 4] ?? 0, image.data[top + second * 4] ?? 0, share);
        const below = mix(image.data[bottom + first * 4] ?? 0, image.data[bottom + second * 4] ?? 0, share);
        data[at++] = mix(above, below, row.share) * factor - shift;
      }
    }
  }
  return { data, dims: [1, 3, height, width] };
}

/** Two neighbouring pixels, and how much the second counts. */
interface Sample {
  readonly first: number;
  readonly second: number;
  readonly share: number;
}

/** Where `count` points lie that are spread evenly over `length` pixels from `from`, in an image that ends at `size`. */
function spread(from: number, length: number, count: number, size: number): Sample[] {
  return Array.from({ length: count }, (_, index) => {
    const point = Math.min(Math.max(from + ((index + 0.5) * length) / count - 0.5, 0), size - 1);
    const first = Math.floor(point);
    return { first, second: Math.min(first + 1, size - 1), share: point - first };
  });
}

function mix(one: number, other: number, share: number): number {
  return one + (other - one) * share;
}
