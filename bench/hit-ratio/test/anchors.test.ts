import { describe, expect, it } from 'vitest';
import { parseAnchors } from '../anchors.ts';

const HEAD = 'trace\tcapacity\trequests\tlru\topt';

describe('parseAnchors', () => {
  it('reads hits by the policies that the first line names', () => {
    expect(parseAnchors('A.tsv', `# about\n${HEAD}\nweb\t16\t100\t20\t30\n`)).toEqual([
      { trace: 'web', capacity: 16, requests: 100, hits: { lru: 20, opt: 30 } },
    ]);
  });

  it('refuses other columns', () => {
    expect(() => parseAnchors('A.tsv', 'name\tlru\n')).toThrow(
      'A.tsv:1: expected the columns trace, capacity, requests',
    );
  });

  it.each(['web\t16\t100\t20', 'web\t16\t100\t20\t-1', 'web\t16\t100\t0.2\t1', 'web\t16\t100\tx\t1'])(
    'names the line that says %j',
    (line) => {
      expect(() => parseAnchors('A.tsv', `${HEAD}\nweb\t16\t100\t20\t30\n${line}\n`)).toThrow(
        'A.tsv:3: expected a name and 4 counts',
      );
    },
  );
});
