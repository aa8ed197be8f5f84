import { createHash } from 'node:crypto';
import type { Cache } from '@kvasir/core';
import { memoize } from '@kvasir/inference';
import * as ort from 'onnxruntime-node';
import { detect, findBoxes, toDetectorInput } from './detector.ts';
import { type Box, decodePng, type Tensor } from './image.ts';
import { decodeSteps, parseCharacters, recognise, toRecogniserInput } from './recogniser.ts';

/** The bytes of the three files that the reader is made of. */
export interface ModelFiles {
  readonly detection: Uint8Array;
  readonly recognition: Uint8Array;
  readonly characters: Uint8Array;
}

export interface Line {
  readonly text: string;
  /** 0 to 1. */
  readonly confidence: number;
  readonly box: Box;
}

export interface Reading {
  /** The lines in reading order, each on a line of its own. */
  readonly text: string;
  readonly lines: readonly Line[];
}

export interface Reader {
  /** Rejects for what is no PNG of at most 4 megapixels. */
  read(png: Uint8Array): Promise<Reading>;
  /** How often each model has run. */
  readonly runs: { readonly detection: number; readonly recognition: number };
}

/**
 * Finds lines of text and reads them. Both models are memoized: the same image needs neither, and a line that was read before, in
 * whatever image, needs no recogniser.
 */
export async function createReader(files: ModelFiles, cache: Cache): Promise<Reader> {
  const [detector, recogniser] = await Promise.all([
    ort.InferenceSession.create(files.detection),
    ort.InferenceSession.create(files.recognition),
  ]);
  const characters = parseCharacters(Buffer.from(files.characters).toString('utf8'));
  const runs = { detection: 0, recognition: 0 };

  const detectOnce = memoize(
    (input: Tensor) => {
      runs.detection++;
      return detect(detector, input);
    },
    { name: 'ocr-detection', version: digestOf(files.detection), cache },
  );
  const recogniseOnce = memoize(
    (input: Tensor) => {
      runs.recognition++;
      return recognise(recogniser, input);
    },
    { name: 'ocr-recognition', version: digestOf(files.recognition), cache },
  );

  return {
    runs,
    async read(png) {
      const image = decodePng(png);
      const boxes = findBoxes(await detectOnce(toDetectorInput(image)), image);
      const found = await Promise.all(
        boxes.map(async (box) => ({
          box,
          ...decodeSteps(await recogniseOnce(toRecogniserInput(image, box)), characters),
        })),
      );
      const lines = found.filter(({ text }) => text !== '');
      return { text: lines.map(({ text }) => text).join('\n'), lines };
    },
  };
}

function digestOf(weights: Uint8Array): string {
  return createHash('sha256').update(weights).digest('hex');
}
