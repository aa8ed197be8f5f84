import { type Article, writeArchive } from './archive.ts';
import { rank, textOf } from './ranking.ts';

/** About four years of news. */
const ARTICLES = 1500;

/** The archive, and what the editors do to it. One for each app. */
export class Newsroom {
  readonly #articles: Article[] = writeArchive(ARTICLES);

  find(id: number): Article | undefined {
    return this.#articles[id - 1];
  }

  /** The newest of a section, or of all. */
  newest(limit: number, section?: string): Article[] {
    return this.#articles.filter((article) => section === undefined || article.section === section).slice(0, limit);
  }

  /** What readers of these articles have read with them: one pass over the whole archive for each. */
  background(articles: readonly Article[], limit: number): Article[] {
    const shown = new Set(articles.map(({ id }) => id));
    return articles.flatMap((article) => {
      const found = rank(this.#articles, article.topic, limit, shown);
      for (const { id } of found) shown.add(id);
      return found;
    });
  }

  /** What is most like this article, and what else its author wrote about the matter. */
  related(article: Article): { readonly alike: Article[]; readonly others: Article[] } {
    const shown = new Set([article.id]);
    const alike = rank(this.#articles, textOf(article), 4, shown);
    for (const { id } of alike) shown.add(id);
    return { alike, others: rank(this.#articles, `${article.headline} ${article.topic}`, 3, shown) };
  }

  setHeadline(article: Article, headline: string): void {
    this.#articles[article.id - 1] = { ...article, headline };
  }
}
