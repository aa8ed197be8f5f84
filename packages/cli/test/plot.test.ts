import assert from 'node:assert/strict';
import { describe, it } from 'vitest';
import { drawPlot } from '../src/plot.ts';

const plot = (lines: { name: string; points: [number, number][] }[]): string =>
  drawPlot({ title: 'a<b>&"c"', xTitle: 'size', yTitle: '%', formatX: String, lines });

describe('drawPlot', () => {
  it('draws a line for each policy from the left edge to the right one', () => {
    const svg = plot([
      {
        name: 'lru',
        points: [
          [10, 0],
          [100, 0.5],
          [1000, 1],
        ],
      },
    ]);
    assert.match(svg, /^<svg .*viewBox="0 0 760 440"/);
    assert.ok(svg.includes('M60 380L340 212L620 44'));
    assert.ok(svg.includes('>lru</text>') && svg.includes('>1000</text>'));
  });

  it('escapes what it is told', () => {
    const svg = plot([]);
    assert.ok(svg.includes('a&#60;b&#62;&#38;&#34;c&#34;'));
    assert.ok(!svg.includes('<b>'));
  });

  it('puts a single size in the middle and draws none as an empty plot', () => {
    assert.ok(plot([{ name: 'lru', points: [[7, 1]] }]).includes('M340 44'));
    for (const svg of [plot([]), plot([{ name: 'lru', points: [] }])]) assert.ok(!/NaN|Infinity/.test(svg));
  });
});
