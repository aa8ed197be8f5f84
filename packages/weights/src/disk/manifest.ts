import { crc32 } from 'node:zlib';
import { countBlocks } from '../block.ts';
import type { Description, Validators } from '../description.ts';
import { type ExpectedDigest, type Seal, SHA256_HEX } from '../digest.ts';
import { isSafeName } from '../name.ts';
import type { Manifest } from './disk.ts';

const FORMAT = 1;

/** One line of CRC-32 over the rest, then JSON. */
export function encodeManifest({ description, seal }: Manifest): Uint8Array {
  const { name, id, size, validators, expected } = description;
  const sealed = seal && { ...seal, blocks: Buffer.from(seal.blocks).toString('base64') };
  const json = JSON.stringify({ format: FORMAT, name, id, size, validators, expected, seal: sealed });
  return Buffer.from(`${crc32(json).toString(16)}\n${json}`);
}

/** Undefined for anything that {@link encodeManifest} did not write for `name`. */
export function decodeManifest(bytes: Uint8Array, name: string): Manifest | undefined {
  const text = Buffer.from(bytes).toString('utf8');
  const newline = text.indexOf('\n');
  const json = text.slice(newline + 1);
  if (newline < 1 || Number.parseInt(text.slice(0, newline), 16) !== crc32(json)) return undefined;
  let parsed: unknown;
  try {
    parsed = JSON.parse(json);
  } catch {
    return undefined;
  }
  const stored = asRecord(parsed);
  if (stored?.['format'] !== FORMAT || stored['name'] !== name || !isSafeName(name)) return undefined;
  const description = describe(stored, name);
  return description && { description, seal: sealOf(stored['seal'], description.size) };
}

function describe(stored: Readonly<Record<string, unknown>>, name: string): Description | undefined {
  const { id, size } = stored;
  const validators = asRecord(stored['validators']);
  if (typeof id !== 'string' || !/^[0-9a-f]{32}$/.test(id) || validators === undefined) return undefined;
  if (!Number.isSafeInteger(size) || (size as number) < 0) return undefined;
  const kept: Validators = {
    etag: asText(validators['etag']),
    lastModified: asText(validators['lastModified']),
    linkedEtag: asText(validators['linkedEtag']),
  };
  return {
    name,
    id,
    size: size as number,
    validators: kept,
    expected: expectedOf(stored['expected']),
    confirmed: false,
  };
}

function expectedOf(value: unknown): ExpectedDigest | undefined {
  const { algorithm, hex } = asRecord(value) ?? {};
  if (typeof hex !== 'string') return undefined;
  if (algorithm === 'sha256' && SHA256_HEX.test(hex)) return { algorithm, hex };
  if (algorithm === 'git-sha1' && /^[0-9a-f]{40}$/.test(hex)) return { algorithm, hex };
  return undefined;
}

function sealOf(value: unknown, size: number): Seal | undefined {
  const { sha256, independent, blocks } = asRecord(value) ?? {};
  if (typeof sha256 !== 'string' || !SHA256_HEX.test(sha256)) return undefined;
  if (typeof independent !== 'boolean' || typeof blocks !== 'string') return undefined;
  const digests = Buffer.from(blocks, 'base64');
  return digests.byteLength === countBlocks(size) * 32 ? { sha256, independent, blocks: digests } : undefined;
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
}

function asText(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
