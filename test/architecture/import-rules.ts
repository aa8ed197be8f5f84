import { isBuiltin } from 'node:module';
import { posix } from 'node:path';
import type { Manifest, SourceFile, Workspace } from './repository.ts';

/** Who may import whom: core <- {memory, redis, keyv}; core, memory <- {web, inference, weights, query, cli}; never sideways, never back. */
const DIRECTION: Readonly<Record<string, readonly string[]>> = {
  '@kvasir/core': [],
  '@kvasir/memory': ['@kvasir/core'],
  '@kvasir/redis': ['@kvasir/core'],
  '@kvasir/keyv': ['@kvasir/core'],
  '@kvasir/web': ['@kvasir/core', '@kvasir/memory'],
  '@kvasir/inference': ['@kvasir/core', '@kvasir/memory'],
  '@kvasir/weights': ['@kvasir/core', '@kvasir/memory'],
  '@kvasir/query': ['@kvasir/core', '@kvasir/memory'],
  '@kvasir/cli': ['@kvasir/core', '@kvasir/memory'],
};

/** Whose version is the user's choice: a second copy beside theirs would not know their objects. */
const PEERS = ['express', 'ioredis', 'keyv', 'pg', 'onnxruntime-node'];

const STATEMENT = /^[ \t]*(?:import|export)\b(?:[^'"`;]*?\bfrom)?\s*['"]([^'"\n]+)['"]/gm;
const CALL = /\b(?:import|require)\(\s*['"]([^'"\n]+)['"]/g;

/** Every specifier that `text` imports or re-exports, types and dynamic imports included. */
export function findImports(text: string): string[] {
  return [...text.matchAll(STATEMENT), ...text.matchAll(CALL)].flatMap((match) => match[1] ?? []);
}

function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

function ownerOf(path: string, workspaces: readonly Workspace[]): Workspace | undefined {
  return workspaces.find((workspace) => workspace.dir !== '' && path.startsWith(`${workspace.dir}/`));
}

export function checkImports(files: readonly SourceFile[], workspaces: readonly Workspace[]): string[] {
  const tools = workspaces.find((workspace) => workspace.dir === '')?.manifest.devDependencies ?? {};
  return files.flatMap((file) => {
    const owner = ownerOf(file.path, workspaces);
    if (owner === undefined) return [];
    return findImports(file.text).flatMap((specifier) => {
      const wrong = specifier.startsWith('.')
        ? checkRelative(file.path, specifier, owner)
        : checkNamed(file.path, specifier, owner, workspaces, tools);
      return wrong === undefined ? [] : [`${file.path} imports ${specifier}: ${wrong}`];
    });
  });
}

function checkRelative(path: string, specifier: string, owner: Workspace): string | undefined {
  const target = posix.join(posix.dirname(path), specifier);
  if (!target.startsWith(`${owner.dir}/`)) return 'leaves its package';
  const isSource = path.startsWith(`${owner.dir}/src/`);
  return isSource && !target.startsWith(`${owner.dir}/src/`) ? 'leaves src' : undefined;
}

function checkNamed(
  path: string,
  specifier: string,
  owner: Workspace,
  workspaces: readonly Workspace[],
  tools: Readonly<Record<string, string>>,
): string | undefined {
  if (isBuiltin(specifier)) return specifier.startsWith('node:') ? undefined : 'wants the node: prefix';
  const { manifest } = owner;
  const name = packageOf(specifier);
  const own = workspaces.find((workspace) => workspace.manifest.name === name);
  const isSource = path.startsWith(`${owner.dir}/src/`);
  const allowed = DIRECTION[manifest.name];
  if (own !== undefined) {
    if (!(`.${specifier.slice(name.length)}` in (own.manifest.exports ?? {}))) return 'is no public name';
    if (allowed !== undefined && !allowed.includes(name) && (isSource || name !== manifest.name))
      return 'goes sideways or back';
  }
  const declared = { ...manifest.dependencies, ...manifest.peerDependencies };
  const known = isSource ? declared : { ...declared, ...manifest.devDependencies, ...tools };
  return name in known || (!isSource && name === manifest.name) ? undefined : 'is not declared in package.json';
}

export function checkManifests(workspaces: readonly Workspace[]): string[] {
  return workspaces.flatMap(({ dir, manifest }) => {
    const found = dir.startsWith('packages/') ? checkPublic(manifest) : checkPrivate(manifest);
    return found.map((wrong) => `${dir}/package.json: ${wrong}`);
  });
}

function checkPrivate(manifest: Manifest): string[] {
  return manifest.private === true ? [] : ['is not private'];
}

function checkPublic(manifest: Manifest): string[] {
  const allowed = DIRECTION[manifest.name];
  if (allowed === undefined) return [`${manifest.name} has no place in the import direction`];
  const found: string[] = [];
  const used = { ...manifest.dependencies, ...manifest.peerDependencies };
  if (manifest.name === '@kvasir/core' && Object.keys(used).length > 0) found.push('core has dependencies');
  for (const name of Object.keys({ ...used, ...manifest.devDependencies }))
    if (name.startsWith('@kvasir') && !allowed.includes(name)) found.push(`${name} goes sideways or back`);
  for (const name of PEERS) if (name in (manifest.dependencies ?? {})) found.push(`${name} is to be a peer`);
  if (manifest.type !== 'module') found.push('is not ESM');
  if (manifest.sideEffects !== false) found.push('does not say sideEffects: false');
  if (manifest.engines?.node !== '>=20.19') found.push('engines.node is not >=20.19');
  for (const part of ['dist', 'src'])
    if (!(manifest.files ?? []).includes(part)) found.push(`files does not name ${part}`);
  for (const [name, target] of Object.entries(manifest.exports ?? {}))
    if (typeof target !== 'string' && Object.keys(target).join() !== '@kvasir/source,types,default')
      found.push(`exports['${name}'] is not @kvasir/source, types, default`);
  return found;
}
