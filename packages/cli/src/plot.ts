export interface Line {
  readonly name: string;
  /** By ascending x, which is above 0. */
  readonly points: readonly (readonly [x: number, y: number])[];
}

export interface Plot {
  readonly title: string;
  readonly xTitle: string;
  readonly yTitle: string;
  /** For the marks below. */
  readonly formatX: (x: number) => string;
  readonly lines: readonly Line[];
}

const WIDTH = 760;
const HEIGHT = 440;
const LEFT = 60;
const RIGHT = 620;
const TOP = 44;
const BOTTOM = 380;
/** Okabe and Ito 2008: told apart also by who sees fewer colours; then again, dashed. */
const COLOURS = ['#000000', '#0072b2', '#d55e00', '#009e73', '#cc79a7', '#56b4e9', '#e69f00'];

/** An SVG of lines over a logarithmic x axis; y goes from 0 to 1 and is shown in percent. */
export function drawPlot({ title, xTitle, yTitle, formatX, lines }: Plot): string {
  const xs = [...new Set(lines.flatMap(({ points }) => points.map(([x]) => x)))].sort((a, b) => a - b);
  const low = Math.log(xs[0] ?? 1);
  const span = Math.log(xs.at(-1) ?? 1) - low;
  const atX = (x: number): number =>
    round(span === 0 ? (LEFT + RIGHT) / 2 : LEFT + ((Math.log(x) - low) / span) * (RIGHT - LEFT));
  const atY = (y: number): number => round(BOTTOM - y * (BOTTOM - TOP));
  const grid = [0, 0.2, 0.4, 0.6, 0.8, 1].map(
    (y) =>
      `<path d="M${LEFT} ${atY(y)}H${RIGHT}" stroke="#ddd"/>` +
      `<text x="${LEFT - 8}" y="${atY(y) + 4}" text-anchor="end">${Math.round(y * 100)}</text>`,
  );
  const marks = xs.map(
    (x) => `<text x="${atX(x)}" y="${BOTTOM + 18}" text-anchor="middle">${escape(formatX(x))}</text>`,
  );
  const drawn = lines.map(({ name, points }, i) => {
    const style = `stroke="${COLOURS[i % COLOURS.length]}"${i < COLOURS.length ? '' : ' stroke-dasharray="6 4"'}`;
    const path = points.map(([x, y], at) => `${at === 0 ? 'M' : 'L'}${atX(x)} ${atY(y)}`).join('');
    const y = TOP + 10 + i * 20;
    return (
      `<path d="${path}" fill="none" stroke-width="2" ${style}/>` +
      `<path d="M${RIGHT + 16} ${y}h24" stroke-width="2" ${style}/><text x="${RIGHT + 46}" y="${y + 4}">${escape(name)}</text>`
    );
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12">`,
    '<rect width="100%" height="100%" fill="#fff"/>',
    `<text x="${LEFT}" y="24" font-size="15">${escape(title)}</text>`,
    ...grid,
    ...marks,
    `<text x="${(LEFT + RIGHT) / 2}" y="${BOTTOM + 42}" text-anchor="middle">${escape(xTitle)}</text>`,
    `<text x="18" y="${(TOP + BOTTOM) / 2}" text-anchor="middle" transform="rotate(-90 18 ${(TOP + BOTTOM) / 2})">${escape(yTitle)}</text>`,
    ...drawn,
    '</svg>',
    '',
  ].join('\n');
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function escape(text: string): string {
  return text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
