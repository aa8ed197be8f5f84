import { describe, expect, it } from 'vitest';
import { checkImports, checkManifests, findImports } from './import-rules.ts';
import type { Manifest, Workspace } from './repository.ts';

function workspace(dir: string, name: string, extra: Partial<Manifest> = {}): Workspace {
  const exports = {
    '.': { '@kvasir/source': './src/index.ts', types: './d.ts', default: './d.js' },
    './http': './h.js',
  };
  const base = { type: 'module', sideEffects: false, engines: { node: '>=20.19' }, files: ['dist', 'src'] };
  return { dir, manifest: { name, ...base, exports, ...extra } };
}

const core = workspace('packages/core', '@kvasir/core');
const memory = workspace('packages/memory', '@kvasir/memory', { dependencies: { '@kvasir/core': 'workspace:^' } });
const web = workspace('packages/web', '@kvasir/web', {
  dependencies: { '@kvasir/core': 'workspace:^', '@kvasir/memory': 'workspace:^', '@kvasir/redis': 'workspace:^' },
  peerDependencies: { express: '^5' },
  devDependencies: { express4: '4' },
});
const redis = workspace('packages/redis', '@kvasir/redis');
const example = workspace('examples/web', '@kvasir-examples/web', {
  private: true,
  dependencies: { '@kvasir/core': 'workspace:^' },
});
const root: Workspace = { dir: '', manifest: { name: 'kvasir', private: true, devDependencies: { vitest: '4' } } };
const all = [root, core, memory, web, redis, example];

function check(path: string, specifier: string): string[] {
  return checkImports([{ path, text: `import { x } from '${specifier}';\n` }], all);
}

// Put together here, for this file is read by the checks itself.
const called = (name: string, specifier: string): string => `${name}('${specifier}')`;

describe('findImports', () => {
  it('sees every way to import, and no comment', () => {
    const lines = [
      "import a, { b } from 'one';",
      "import type { c } from 'two';",
      "import {\n  d,\n  e,\n} from 'three';",
      "import 'four';",
      "export * from 'five';",
      "export { type f } from 'six';",
      `const g = await ${called('import', 'seven')};`,
      `const h = ${called('require', 'eight')};`,
      `type I = ${called('import', 'nine')}.I;`,
      "// import j from 'ten';",
      " * import k from 'eleven';",
      "export const l = 'from';",
    ];
    expect(findImports(lines.join('\n')).sort()).toEqual(
      ['one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine'].sort(),
    );
  });
});

describe('checkImports', () => {
  it.each([
    ['packages/core/src/a.ts', './b.ts'],
    ['packages/core/src/a.ts', 'node:fs'],
    ['packages/memory/src/a.ts', '@kvasir/core'],
    ['packages/web/src/a.ts', '@kvasir/core/http'],
    ['packages/web/src/a.ts', 'express'],
    ['packages/web/test/a.test.ts', 'express4'],
    ['packages/web/test/a.test.ts', 'vitest'],
    ['packages/web/test/a.test.ts', '../src/a.ts'],
    ['packages/web/test/a.test.ts', '@kvasir/web'],
    ['examples/web/app.ts', '@kvasir/core'],
  ])('lets %s import %s', (path, specifier) => {
    expect(check(path, specifier)).toEqual([]);
  });

  it.each([
    ['packages/core/src/a.ts', 'express', 'is not declared'],
    ['packages/core/src/a.ts', '@kvasir/memory', 'goes sideways or back'],
    ['packages/core/src/a.ts', '@kvasir/core', 'goes sideways or back'],
    ['packages/core/src/a.ts', 'fs', 'wants the node: prefix'],
    ['packages/core/src/a.ts', '../test/a.ts', 'leaves src'],
    ['packages/memory/src/a.ts', '../../core/src/a.ts', 'leaves its package'],
    ['packages/web/src/a.ts', '@kvasir/redis', 'goes sideways or back'],
    ['packages/web/test/a.test.ts', '@kvasir/redis', 'goes sideways or back'],
    ['packages/web/src/a.ts', '@kvasir/core/src/a.ts', 'is no public name'],
    ['packages/web/src/a.ts', 'express4', 'is not declared'],
    ['packages/web/src/a.ts', 'vitest', 'is not declared'],
    ['examples/web/app.ts', '../../packages/core/src/a.ts', 'leaves its package'],
    ['examples/web/app.ts', '@kvasir/core/dist/a.js', 'is no public name'],
    ['examples/web/app.ts', '@kvasir/redis', 'is not declared'],
  ])('forbids %s to import %s', (path, specifier, reason) => {
    expect(check(path, specifier)).toEqual([expect.stringContaining(reason)]);
  });
});

describe('checkManifests', () => {
  it('accepts a package that follows the rules', () => {
    expect(checkManifests([root, core, memory, redis, example])).toEqual([]);
  });

  it.each<[string, string, string, Partial<Manifest>]>([
    ['core with a dependency', 'core', 'core has dependencies', { dependencies: { lodash: '4' } }],
    ['core with a peer', 'core', 'core has dependencies', { peerDependencies: { express: '5' } }],
    ['a sideways dependency', 'web', 'goes sideways or back', { dependencies: { '@kvasir/query': '1' } }],
    ['a sideways dev dependency', 'web', 'goes sideways or back', { devDependencies: { '@kvasir/redis': '1' } }],
    ['a dependency back', 'memory', 'goes sideways or back', { dependencies: { '@kvasir/web': '1' } }],
    ['a bundled peer', 'web', 'express is to be a peer', { dependencies: { express: '5' } }],
    ['a package that nobody placed', 'console', 'no place in the import direction', {}],
    ['CommonJS', 'web', 'is not ESM', { type: 'commonjs' }],
    ['side effects', 'web', 'sideEffects', { sideEffects: true }],
    ['another engine', 'web', 'engines.node', { engines: { node: '>=18' } }],
    ['no sources in the tarball', 'web', 'does not name src', { files: ['dist'] }],
    ['another order of conditions', 'web', "exports['.']", { exports: { '.': { default: './a', types: './b' } } }],
  ])('refuses %s', (_what, name, reason, extra) => {
    const found = checkManifests([workspace(`packages/${name}`, `@kvasir/${name}`, extra)]);
    expect(found).toEqual([expect.stringContaining(reason)]);
  });

  it('refuses an example that could be published', () => {
    expect(checkManifests([workspace('examples/web', '@kvasir-examples/web')])).toHaveLength(1);
  });
});
