import * as ort from 'onnxruntime-node';
import { type Box, type Image, type Scale, type Tensor, toTensor } from './image.ts';

const SCALE: Scale = { mean: [0.5, 0.5, 0.5], deviation: [0.5, 0.5, 0.5] };
const LINE_HEIGHT = 48;
const MAX_WIDTH = 1600;

/** One line of text as the recogniser takes it: 48 pixels high, as wide as it then is. */
export function toRecogniserInput(image: Image, box: Box): Tensor {
  const width = Math.min(MAX_WIDTH, Math.max(LINE_HEIGHT, Math.round((LINE_HEIGHT * box.width) / box.height)));
  return toTensor(image, box, width, LINE_HEIGHT, SCALE);
}

/** The likeliest class at each step along the line, and how likely it is. */
export interface Steps {
  readonly classes: Int32Array;
  readonly probabilities: Float32Array;
}

export async function recognise(session: ort.InferenceSession, input: Tensor): Promise<Steps> {
  const [name = ''] = session.inputNames;
  const results = await session.run({ [name]: new ort.Tensor('float32', input.data, input.dims) });
  const output = results[session.outputNames[0] ?? ''];
  const [, steps = 0, classCount = 0] = output?.dims ?? [];
  const data = output?.data as Float32Array;
  const classes = new Int32Array(steps);
  const probabilities = new Float32Array(steps);
  for (let step = 0; step < steps; step++) {
    for (let index = 0; index < classCount; index++) {
      const probability = data[step * classCount + index] ?? 0;
      if (probability <= (probabilities[step] ?? 0)) continue;
      probabilities[step] = probability;
      classes[step] = index;
    }
  }
  return { classes, probabilities };
}

/** The characters that the classes stand for: 0 is the blank between characters, the last one a space. */
export function parseCharacters(file: string): string[] {
  return ['', ...file.replace(/\r?\n$/, '').split(/\r?\n/), ' '];
}

/** Greedy CTC (Graves et al. 2006): what repeats from step to step is one character, blanks part them. */
export function decodeSteps(
  { classes, probabilities }: Steps,
  characters: readonly string[],
): { text: string; confidence: number } {
  let text = '';
  let sum = 0;
  let count = 0;
  for (let step = 0; step < classes.length; step++) {
    const index = classes[step] ?? 0;
    if (index === 0 || index === classes[step - 1]) continue;
    text += characters[index] ?? '';
    sum += probabilities[step] ?? 0;
    count++;
  }
  return { text: text.trim(), confidence: count === 0 ? 0 : sum / count };
}
