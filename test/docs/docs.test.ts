import { describe, expect, it } from 'vitest';
import { asModule, fileName, findBlocks } from './blocks.ts';
import { compareDefaults } from './defaults.ts';
import { findLinks } from './links.ts';
import { findRows, plain } from './tables.ts';

const fence = '```';

describe('findBlocks', () => {
  const text = `# Title\n\n${fence}ts\nconst a = 1;\n${fence}\n\n${fence}ts run\nb();\nc();\n${fence}\n\n${fence}sh\nnpm i\n${fence}\n`;
  const found = findBlocks({ path: 'docs/page.md', text });

  it('finds the ts blocks with their lines and whether they run, and no other language', () => {
    expect(found).toEqual([
      { page: 'docs/page.md', line: 4, code: 'const a = 1;\n', runs: false },
      { page: 'docs/page.md', line: 8, code: 'b();\nc();\n', runs: true },
    ]);
  });

  it('makes modules of them whose lines are those of the page', () => {
    expect(found.map(fileName)).toEqual(['docs__page.md.4.ts', 'docs__page.md.8.ts']);
    expect(found.map((block) => asModule(block).split('\n')[block.line - 1])).toEqual(['const a = 1;', 'b();']);
  });
});

const page = `
| Option of make | default | what |
|---|---|---|
| \`ttl\` | \`'1m'\` | freshness |
| \`maxBytes\` | 64MB | size |
| \`mode\` | \`'a' \\| 'b'\` | |
| \`onError\` | none | |

| code | meaning |
|---|---|
| \`X\` | y |
`;

describe('findLinks', () => {
  it('finds what a page links to in the repository, outside of code', () => {
    const text = '[a](b.md#part) [c](../d) [e](https://f.example) [g](#h) `[i](j)`\n';
    expect(findLinks({ path: 'docs/page.md', text })).toEqual(['docs/b.md', 'd']);
  });
});

describe('findRows', () => {
  it('reads the tables that have the columns, and no other', () => {
    expect(findRows(page, 'option', 'default').map((row) => plain(row['option'] ?? ''))).toEqual([
      'ttl',
      'maxBytes',
      'mode',
      'onError',
    ]);
    expect(findRows(page, 'code')).toEqual([{ code: '`X`', meaning: 'y' }]);
    expect(findRows(page, 'code', 'default')).toEqual([]);
  });
});

describe('compareDefaults', () => {
  it.each([
    [{ ttl: '1m' }],
    [{ ttl: 60_000 }],
    [{ maxBytes: '64MB', ttl: '60s' }],
    [{ maxBytes: 64 * 1024 * 1024 }],
    [{}],
  ])('agrees with %o', (defaults) => {
    expect(compareDefaults(page, defaults)).toEqual([]);
  });

  it('tells of a default that differs and of one that is not documented', () => {
    expect(compareDefaults(page, { ttl: '2m', grace: 0 })).toEqual([
      "ttl: the page says 1m, the code '2m'",
      'grace is in no table of options (default 0)',
    ]);
  });
});
