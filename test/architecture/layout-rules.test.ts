import { describe, expect, it } from 'vitest';
import { checkDoors, checkSizes, checkTopLevel, countLines } from './layout-rules.ts';

const lines = (count: number): string => 'x;\n'.repeat(count);
const top = ['packages/a', 'examples/a', 'test/a', 'bench/a', 'docs/a', 'README.md', 'LICENSE', 'CONTRIBUTING.md'];

describe('checkTopLevel', () => {
  it('accepts the plan', () => {
    expect(checkTopLevel([...top, '.ci/run', '.changeset/config.json', 'package.json'])).toEqual([]);
  });

  it('refuses a folder of another name and misses one that belongs', () => {
    expect(checkTopLevel([...top.slice(1), 'scripts/a.mjs'])).toEqual([
      'scripts does not belong at the top',
      'packages is missing',
    ]);
  });
});

describe('checkSizes', () => {
  it('counts lines, not line ends', () => {
    expect([countLines('a\nb\n'), countLines('a\nb'), countLines('')]).toEqual([2, 2, 1]);
  });

  it('accepts 400 lines and refuses 401', () => {
    const short = { path: 'a.ts', text: lines(10) };
    expect(checkSizes([short, short, { path: 'b.ts', text: lines(400) }])).toEqual([]);
    expect(checkSizes([short, short, { path: 'b.ts', text: lines(401) }])).toEqual([
      'b.ts has 401 lines, more than 400',
    ]);
  });

  it('refuses a median above 120', () => {
    const file = { path: 'a.ts', text: lines(121) };
    expect(checkSizes([file, file, { path: 'b.ts', text: lines(1) }])).toEqual([expect.stringContaining('median')]);
  });
});

describe('checkDoors', () => {
  const check = (path: string, text: string): string[] => checkDoors([{ path: `packages/web/src/${path}`, text }]);

  it.each([
    ['index.ts', "// The door.\nexport * from './a.ts';\nexport {\n  type B,\n  c,\n} from './b.ts';\n"],
    ['index.ts', 'export {};\n'],
    ['a.ts', "import { b } from './b.ts';\nexport const a = b;\n"],
  ])('accepts %s: %j', (path, text) => {
    expect(check(path, text)).toEqual([]);
  });

  it.each([
    ['index.ts', 'export const a = 1;\n'],
    ['index.ts', "import { a } from './a.ts';\nexport { a };\n"],
    ['http/index.ts', 'export function a() {}\n'],
    ['a.ts', "export { b } from './b.ts';\n"],
    ['a.ts', "export type { B } from './b.ts';\n"],
    ['a.ts', "export * from './b.ts';\n"],
  ])('refuses %s: %j', (path, text) => {
    expect(check(path, text)).toHaveLength(1);
  });
});
