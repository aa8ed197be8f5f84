import * as ort from 'onnxruntime-node';
import { type Box, type Image, type Scale, type Tensor, toTensor } from './image.ts';

const SCALE: Scale = { mean: [0.485, 0.456, 0.406], deviation: [0.229, 0.224, 0.225] };
/** The network halves its input five times. */
const STEP = 32;
const MAX_SIDE = 960;
const TEXT_PROBABILITY = 0.3;
const BOX_PROBABILITY = 0.6;
/** The network is trained to mark the core of a line; how much of it is left out grows with area / perimeter (DB, Liao et al. 2020, section 3.4). */
const UNCLIP_RATIO = 1.6;
const MIN_SIDE = 3;

/** The image as the detector takes it. */
export function toDetectorInput(image: Image): Tensor {
  const shrink = Math.min(1, MAX_SIDE / Math.max(image.width, image.height));
  const side = (length: number): number => Math.max(STEP, Math.round((length * shrink) / STEP) * STEP);
  const whole = { left: 0, top: 0, width: image.width, height: image.height };
  return toTensor(image, whole, side(image.width), side(image.height), SCALE);
}

/** How likely each pixel of the input is text: f32[1, 1, height, width]. */
export async function detect(session: ort.InferenceSession, input: Tensor): Promise<Tensor> {
  const [name = ''] = session.inputNames;
  const results = await session.run({ [name]: new ort.Tensor('float32', input.data, input.dims) });
  const output = results[session.outputNames[0] ?? ''];
  return { data: output?.data as Float32Array, dims: output?.dims ?? [] };
}

/** Boxes of text in the pixels of `image`, in reading order. */
export function findBoxes({ data, dims }: Tensor, image: Image): Box[] {
  const [, , height = 0, width = 0] = dims;
  const across = image.width / width;
  const down = image.height / height;
  const boxes = findRegions(data, width, height)
    .filter((region) => region.probability >= BOX_PROBABILITY && Math.min(region.width, region.height) >= MIN_SIDE)
    .map((region) => unclip(region))
    .map(({ left, top, width: w, height: h }) =>
      clip({ left: left * across, top: top * down, width: w * across, height: h * down }, image),
    );
  return inReadingOrder(boxes);
}

interface Region extends Box {
  readonly probability: number;
}

/** The connected regions above the threshold, each as the box around it. */
function findRegions(map: Float32Array, width: number, height: number): Region[] {
  const seen = new Uint8Array(map.length);
  const regions: Region[] = [];
  for (let start = 0; start < map.length; start++) {
    if (seen[start] === 1 || (map[start] ?? 0) <= TEXT_PROBABILITY) continue;
    let [left, right, top, bottom, sum, count] = [width, 0, height, 0, 0, 0];
    const open = [start];
    seen[start] = 1;
    for (let at = open.pop(); at !== undefined; at = open.pop()) {
      const [x, y] = [at % width, Math.floor(at / width)];
      left = Math.min(left, x);
      right = Math.max(right, x);
      top = Math.min(top, y);
      bottom = Math.max(bottom, y);
      sum += map[at] ?? 0;
      count++;
      const neighbours = [x > 0 ? at - 1 : -1, x < width - 1 ? at + 1 : -1, at - width, at + width];
      for (const next of neighbours) {
        if (next < 0 || next >= map.length || seen[next] === 1 || (map[next] ?? 0) <= TEXT_PROBABILITY) continue;
        seen[next] = 1;
        open.push(next);
      }
    }
    regions.push({ left, top, width: right - left + 1, height: bottom - top + 1, probability: sum / count });
  }
  return regions;
}

function unclip({ left, top, width, height }: Box): Box {
  const margin = (width * height * UNCLIP_RATIO) / (2 * (width + height));
  return { left: left - margin, top: top - margin, width: width + 2 * margin, height: height + 2 * margin };
}

function clip(box: Box, image: Image): Box {
  const left = Math.max(0, Math.round(box.left));
  const top = Math.max(0, Math.round(box.top));
  const width = Math.min(image.width, Math.round(box.left + box.width)) - left;
  return { left, top, width, height: Math.min(image.height, Math.round(box.top + box.height)) - top };
}

/** Row by row: boxes whose middles are less than half a line apart stand in one row. */
function inReadingOrder(boxes: readonly Box[]): Box[] {
  const middle = (box: Box): number => box.top + box.height / 2;
  const rows: Box[][] = [];
  for (const box of boxes.toSorted((a, b) => middle(a) - middle(b))) {
    const first = rows.at(-1)?.[0];
    if (first !== undefined && middle(box) - middle(first) < Math.min(box.height, first.height) / 2)
      rows.at(-1)?.push(box);
    else rows.push([box]);
  }
  return rows.flatMap((row) => row.toSorted((a, b) => a.left - b.left));
}
