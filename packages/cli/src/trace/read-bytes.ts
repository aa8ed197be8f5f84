import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { createGunzip } from 'node:zlib';
import { traceError } from './trace-error.ts';

const CHUNK = 2 ** 18;

/** RFC 1952, section 2.3.1. */
const GZIP_MAGIC = [0x1f, 0x8b];

async function isGzip(path: string): Promise<boolean> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(2), 0, 2, 0);
    return bytesRead === 2 && GZIP_MAGIC.every((byte, at) => buffer[at] === byte);
  } finally {
    await file.close();
  }
}

/**
 * The bytes of a file, unpacked if they are gzip; `onProgress` hears how many bytes of the file itself are read, `tellPosition` says how far whoever
 * reads has come. Throws INVALID_TRACE.
 */
export async function* readBytes(
  path: string,
  onProgress: (bytes: number) => void,
  tellPosition: () => string,
): AsyncGenerator<Buffer> {
  const packed = await isGzip(path).catch((cause: unknown) => {
    throw traceError(path, describe(cause), cause);
  });
  const file = createReadStream(path, { highWaterMark: CHUNK });
  const gunzip = packed ? createGunzip({ chunkSize: CHUNK }) : undefined;
  if (gunzip !== undefined) file.on('error', (error) => gunzip.destroy(error)).pipe(gunzip);
  const chunks = (gunzip ?? file)[Symbol.asyncIterator]();
  try {
    for (;;) {
      const { value, done } = await chunks.next().catch((cause: unknown) => {
        throw traceError(path, `${describe(cause, gunzip?.bytesWritten)}, ${tellPosition()}`, cause);
      });
      if (done === true) return;
      onProgress(gunzip?.bytesWritten ?? file.bytesRead);
      yield value as Buffer;
    }
  } finally {
    gunzip?.destroy();
    file.destroy();
  }
}

function describe(error: unknown, at?: number): string {
  const { code } = error as { code?: string };
  if (code === 'ENOENT') return 'no such file';
  if (code === 'EISDIR') return 'a folder, no file';
  if (code === 'EACCES') return 'may not be read';
  if (code === 'Z_BUF_ERROR') return `the gzip data is cut off at byte ${at}`;
  if (code?.startsWith('Z_')) return `the gzip data is damaged before byte ${at}`;
  return `cannot be read (${code ?? String(error)})`;
}
