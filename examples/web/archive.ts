import { KINDS, SLOTS, type StoryKind } from './stories.ts';

export interface Article {
  readonly id: number;
  readonly section: string;
  readonly topic: string;
  readonly headline: string;
  readonly lead: string;
  readonly paragraphs: readonly string[];
  readonly author: string;
  /** Newest first in the archive. */
  readonly date: Date;
}

export const SECTIONS: readonly string[] = [...new Set(KINDS.map(({ section }) => section))];

const NEWEST = Date.UTC(2026, 5, 12, 6);
const SIX_HOURS = 6 * 3_600_000;
const AUTHORS: readonly string[] = ['Elin Sand', 'Mikkel Ravn', 'Dagny Hove', 'Aksel Lie'];

/** The same `count` articles each time; the first is the newest. */
export function writeArchive(count: number): Article[] {
  const random = seeded(20260612);
  return Array.from({ length: count }, (_, index) => writeArticle(index + 1, NEWEST - index * SIX_HOURS, random));
}

function writeArticle(id: number, at: number, random: () => number): Article {
  // Consecutive articles are of different kinds, as on a real front page.
  const kind = KINDS[id % KINDS.length] as StoryKind;
  const words = new Map(Object.entries(SLOTS).map(([slot, choices]) => [slot, pick(choices, random)]));
  const fill = (text: string): string => text.replace(/\{(\w+)\}/g, (_, slot: string) => words.get(slot) ?? slot);
  const [first = '', second = '', third = '', fourth = ''] = shuffle(kind.facts, random);
  const [quote = '', answer = ''] = shuffle(kind.quotes, random);
  const paragraphs = [`${first} ${second}`, quote, third, answer, `${fourth} ${pick(kind.outlooks, random)}`];
  return {
    id,
    section: kind.section,
    topic: kind.topic,
    headline: fill(pick(kind.headlines, random)),
    lead: fill(pick(kind.leads, random)),
    paragraphs: paragraphs.map(fill),
    author: pick(AUTHORS, random),
    date: new Date(at),
  };
}

function pick<T>(choices: readonly T[], random: () => number): T {
  return choices[Math.floor(random() * choices.length)] as T;
}

function shuffle<T>(items: readonly T[], random: () => number): T[] {
  const order = items.map((item) => ({ item, rank: random() }));
  return order.sort((a, b) => a.rank - b.rank).map(({ item }) => item);
}

/** mulberry32 (Tommy Ettinger, 2017): small, and the same on every machine. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
