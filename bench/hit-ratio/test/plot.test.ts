import { describe, expect, it } from 'vitest';
import { drawPanels } from '../plot.ts';

const points = [
  [16, 0.1],
  [160, 0.2],
  [1600, 0.4],
] as const;

function corners(svg: string): number[][] {
  const [, list = ''] = /<polyline points="([^"]*)"/.exec(svg) ?? [];
  return list.split(' ').map((corner) => corner.split(',').map(Number));
}

describe('drawPanels', () => {
  it('puts equal ratios of capacity at equal distances, and more hits higher', () => {
    const [first = [], second = [], third = []] = corners(
      drawPanels('t', [{ title: 'p', lines: [{ name: 'LRU', points }] }]),
    );
    expect((second[0] ?? 0) - (first[0] ?? 0)).toBeCloseTo((third[0] ?? 0) - (second[0] ?? 0), 0);
    expect(third[1]).toBeLessThan(second[1] ?? 0);
    expect(second[1]).toBeLessThan(first[1] ?? 0);
  });

  it('keeps the names of lines apart that end in one point', () => {
    const lines = ['LRU', 'Caffeine', 'Kvasir', 'OPT'].map((name) => ({ name, points }));
    const places = [...drawPanels('t', [{ title: 'p', lines }]).matchAll(/class="end" x="\d+" y="([\d.]+)"/g)].map(
      readPlace,
    );
    const sorted = places.toSorted((a, b) => a - b);
    expect(sorted).toHaveLength(4);
    for (const [index, y] of sorted.entries())
      if (index > 0) expect(y - (sorted[index - 1] ?? 0)).toBeGreaterThanOrEqual(12);
  });

  it('escapes names', () => {
    const svg = drawPanels('a & b', [{ title: '<c>', lines: [] }]);
    expect(svg).toContain('a &#38; b');
    expect(svg).not.toContain('<c>');
  });

  it('draws a single capacity', () => {
    expect(drawPanels('t', [{ title: 'p', lines: [{ name: 'LRU', points: [[16, 0]] }] }])).not.toContain('NaN');
  });
});

function readPlace(match: RegExpMatchArray): number {
  return Number(match[1]);
}
