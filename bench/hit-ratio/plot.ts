/*
 * Hit ratio over capacity as an SVG: a panel a trace, a line a policy, its name at the line's end. Readable on light and on dark pages: the
 * picture brings its own ground and follows the reader's colour scheme.
 */
export interface Line {
  readonly name: string;
  /** Capacity, more than 0, and hit ratio from 0 to 1, in order of capacity. */
  readonly points: readonly (readonly [capacity: number, hitRatio: number])[];
}

export interface Panel {
  readonly title: string;
  readonly lines: readonly Line[];
}

const COLUMNS = 3;
const WIDTH = 330;
const HEIGHT = 240;
const PLOT = { left: 46, right: 262, top: 34, bottom: 204 } as const;
const LABEL_HEIGHT = 13;
const HEADER = 44;

const STYLE = `
  svg { --ground: #ffffff; --ink: #24292f; --faint: #d8dee4; --soft: #57606a; --lru: #6e7781; --caffeine: #b35900; --kvasir: #0550ae; --opt: #24292f; --other: #8250df; }
  @media (prefers-color-scheme: dark) {
    svg { --ground: #0d1117; --ink: #e6edf3; --faint: #30363d; --soft: #9198a1; --lru: #8b949e; --caffeine: #f0883e; --kvasir: #58a6ff; --opt: #e6edf3; --other: #bc8cff; }
  }
  text { font: 11px system-ui, sans-serif; fill: var(--soft); }
  .title { font-size: 15px; font-weight: 600; fill: var(--ink); }
  .name { font-size: 12px; font-weight: 600; fill: var(--ink); }
  .grid { stroke: var(--faint); stroke-width: 1; }
  polyline { fill: none; stroke-width: 1.6; stroke-linejoin: round; }
  .lru { --line: var(--lru); } .caffeine { --line: var(--caffeine); } .kvasir { --line: var(--kvasir); } .opt { --line: var(--opt); } .other { --line: var(--other); }
  polyline, circle { stroke: var(--line); } circle { fill: var(--line); } .end { fill: var(--line); font-weight: 600; }
  .kvasir polyline { stroke-width: 2.6; } .opt polyline { stroke-dasharray: 2 3; }
`;

export function drawPanels(title: string, panels: readonly Panel[]): string {
  const columns = Math.min(COLUMNS, Math.max(1, panels.length));
  const width = Math.max(2, columns) * WIDTH;
  const height = HEADER + Math.ceil(panels.length / columns) * HEIGHT;
  const drawn = panels.map((panel, index) => {
    const x = (index % columns) * WIDTH;
    const y = HEADER + Math.floor(index / columns) * HEIGHT;
    return `<g transform="translate(${x} ${y})">${drawPanel(panel)}</g>`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escape(title)}: hit ratio over capacity">`,
    `<style>${STYLE}</style>`,
    `<rect width="${width}" height="${height}" fill="var(--ground)"/>`,
    `<text class="title" x="12" y="24">${escape(title)}</text>`,
    `<text x="${width - 12}" y="24" text-anchor="end">hit ratio over capacity</text>`,
    ...drawn,
    '</svg>\n',
  ].join('\n');
}

function drawPanel({ title, lines }: Panel): string {
  const points = lines.flatMap((line) => line.points);
  const capacities = [...new Set(points.map(([capacity]) => capacity))].sort((a, b) => a - b);
  const first = Math.log(capacities[0] ?? 1);
  const span = Math.log(capacities.at(-1) ?? 1) - first;
  const top = pickTop(Math.max(0, ...points.map(([, hitRatio]) => hitRatio)));
  const atX = (capacity: number): number =>
    span === 0
      ? (PLOT.left + PLOT.right) / 2
      : PLOT.left + ((Math.log(capacity) - first) / span) * (PLOT.right - PLOT.left);
  const atY = (hitRatio: number): number => PLOT.bottom - (hitRatio / top) * (PLOT.bottom - PLOT.top);

  const grid = [0, top / 2, top].map((hitRatio) => {
    const y = round(atY(hitRatio));
    return `<line class="grid" x1="${PLOT.left}" x2="${PLOT.right}" y1="${y}" y2="${y}"/><text x="${PLOT.left - 6}" y="${y + 4}" text-anchor="end">${round(hitRatio * 100)} %</text>`;
  });
  const ticks = thin(capacities.map((capacity) => ({ capacity, x: atX(capacity) }))).map(
    ({ capacity, x }) =>
      `<text x="${round(x)}" y="${PLOT.bottom + 16}" text-anchor="middle">${shorten(capacity)}</text>`,
  );
  const ends = spread(lines.map((line) => atY(line.points.at(-1)?.[1] ?? 0)));
  const drawn = lines.map((line, index) => {
    const corners = line.points.map(([capacity, hitRatio]) => ({ x: round(atX(capacity)), y: round(atY(hitRatio)) }));
    return [
      `<g class="${pickClass(line.name)}"><polyline points="${corners.map(({ x, y }) => `${x},${y}`).join(' ')}"/>`,
      ...corners.map(({ x, y }) => `<circle cx="${x}" cy="${y}" r="2"/>`),
      `<text class="end" x="${PLOT.right + 8}" y="${round((ends[index] ?? 0) + 4)}">${escape(line.name)}</text></g>`,
    ].join('');
  });
  return [`<text class="name" x="${PLOT.left}" y="20">${escape(title)}</text>`, ...grid, ...ticks, ...drawn].join('\n');
}

/** Where labels go that want to stand at `wanted`, so that none covers another: pushed down in order, then back up from the lowest place. */
function spread(wanted: readonly number[]): number[] {
  const order = wanted.map((y, index) => ({ y, index })).sort((a, b) => a.y - b.y);
  const placed: number[] = [];
  let floor = -Infinity;
  for (const { y, index } of order) {
    floor = Math.max(y, floor + LABEL_HEIGHT);
    placed[index] = floor;
  }
  let ceiling: number = PLOT.bottom;
  for (const { index } of order.toReversed()) {
    ceiling = Math.min(placed[index] ?? 0, ceiling);
    placed[index] = ceiling;
    ceiling -= LABEL_HEIGHT;
  }
  return placed;
}

/** Leaves out what would run into the one before it. */
function thin<T extends { readonly x: number }>(ticks: readonly T[]): T[] {
  const kept: T[] = [];
  for (const tick of ticks) if (tick.x - (kept.at(-1)?.x ?? -Infinity) >= 34) kept.push(tick);
  return kept;
}

const TOPS = [0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1];
function pickTop(highest: number): number {
  return TOPS.find((top) => top >= highest) ?? 1;
}

function pickClass(name: string): string {
  const word = name.toLowerCase();
  return ['lru', 'caffeine', 'kvasir', 'opt'].includes(word) ? word : 'other';
}

function shorten(capacity: number): string {
  if (capacity < 10_000) return String(capacity);
  return `${Math.round(capacity / 1000)}k`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function escape(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
