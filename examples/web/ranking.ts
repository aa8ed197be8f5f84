/*
 * Full-text ranking as a news desk might have it on day one: BM25 (Robertson and Zaragoza 2009) over the whole archive, read afresh for each
 * question, with no index. That is what makes these pages slow, and it is real work: some 300,000 words a question.
 */
import type { Article } from './archive.ts';

/** The usual constants: how soon repetition stops to count, and how much long texts are held back. */
const K1 = 1.2;
const B = 0.75;

/** The `limit` articles that answer `question` best, without those in `except`; of those with the same headline, one. */
export function rank(
  archive: readonly Article[],
  question: string,
  limit: number,
  except: ReadonlySet<number> = new Set(),
): Article[] {
  const terms = new Set(wordsOf(question));
  const counts = archive.map((article) => countTerms(article, terms));
  const averageLength = counts.reduce((sum, { length }) => sum + length, 0) / archive.length;
  const rarity = new Map(
    [...terms].map((term) => [term, rarityOf(counts.filter(({ of }) => of.has(term)).length, archive.length)]),
  );
  const scored = counts.map(({ article, of, length }) => {
    let score = 0;
    for (const [term, count] of of)
      score += ((rarity.get(term) ?? 0) * count * (K1 + 1)) / (count + K1 * (1 - B + (B * length) / averageLength));
    return { article, score };
  });
  const best = scored
    .filter(({ article, score }) => score > 0 && !except.has(article.id))
    .sort((a, b) => b.score - a.score || a.article.id - b.article.id)
    .map(({ article }) => article);
  return [...new Map(best.map((article) => [article.headline, article])).values()].slice(0, limit);
}

export function textOf(article: Article): string {
  return [article.headline, article.lead, ...article.paragraphs].join(' ');
}

interface Counts {
  readonly article: Article;
  readonly of: ReadonlyMap<string, number>;
  readonly length: number;
}

function countTerms(article: Article, terms: ReadonlySet<string>): Counts {
  const of = new Map<string, number>();
  const words = wordsOf(textOf(article));
  for (const word of words) if (terms.has(word)) of.set(word, (of.get(word) ?? 0) + 1);
  return { article, of, length: words.length };
}

function rarityOf(matching: number, total: number): number {
  return Math.log(1 + (total - matching + 0.5) / (matching + 0.5));
}

function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/\p{Letter}+/gu) ?? [];
}
