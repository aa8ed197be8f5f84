import { readFileSync } from 'node:fs';
import { type Article, SECTIONS } from './archive.ts';

const STYLE = readFileSync(new URL('./page.css', import.meta.url), 'utf8');
const SCRIPT = readFileSync(new URL('./page.js', import.meta.url), 'utf8');

/** `base` is where the app is mounted; `ms` what it took to find what the page shows. */
export interface Frame {
  readonly base: string;
  readonly ms: number;
  readonly at: Date;
}

export function frontPage(newest: readonly Article[], background: readonly Article[], frame: Frame): string {
  const [lead, ...others] = newest;
  return render('The Havnesund Courier', frame, [
    lead === undefined
      ? ''
      : `<section class="lead">${teaser(lead, frame, 'h2')}<p>${escape(lead.paragraphs[0] ?? '')}</p></section>`,
    `<section class="columns">${others.map((article) => teaser(article, frame)).join('')}</section>`,
    list('From the archive, on today’s matters', background, frame),
  ]);
}

export function sectionPage(
  section: string,
  newest: readonly Article[],
  background: readonly Article[],
  frame: Frame,
): string {
  return render(section, frame, [
    `<h2 class="section">${escape(section)}</h2>`,
    `<section class="columns">${newest.map((article) => teaser(article, frame)).join('')}</section>`,
    list('Background', background, frame),
  ]);
}

export function articlePage(
  article: Article,
  { alike, others }: { readonly alike: readonly Article[]; readonly others: readonly Article[] },
  frame: Frame,
): string {
  return render(article.headline, frame, [
    `<article><p class="kicker">${link(`section/${article.section}`, article.section, frame)}</p>
<h2>${escape(article.headline)}</h2><p class="standfirst">${escape(article.lead)}</p>
<p class="byline">By ${escape(article.author)}, ${dateOf(article)}</p>
${article.paragraphs.map((paragraph) => `<p>${escape(paragraph)}</p>`).join('\n')}
<p class="edit">${link(`article/${article.id}/edit`, 'Edit this article', frame)}</p></article>`,
    list('More like this', alike, frame),
    list('On the same matter', others, frame),
  ]);
}

export function editPage(article: Article, frame: Frame): string {
  return render('Edit', frame, [
    `<article><h2>Edit</h2><form method="post" action="${escape(`${frame.base}/article/${article.id}`)}">
<label>Headline <input name="headline" maxlength="200" required value="${escape(article.headline)}"></label>
<button>Publish</button></form></article>`,
  ]);
}

function render(title: string, frame: Frame, parts: readonly string[]): string {
  const sections = SECTIONS.map((section) => link(`section/${section}`, section, frame)).join('');
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escape(title)}</title><style>${STYLE}</style></head>
<body><header><h1>${link('', 'The Havnesund Courier', frame)}</h1><nav>${sections}</nav></header>
<main>${parts.join('\n')}</main>
<footer><p>Rendered at ${frame.at.toISOString().slice(11, 23)} UTC in ${frame.ms.toFixed(0)} ms of searching the archive.</p>
<p id="status"></p></footer><script>${SCRIPT}</script></body></html>`;
}

function teaser(article: Article, frame: Frame, heading: 'h2' | 'h3' = 'h3'): string {
  return `<div class="teaser"><p class="kicker">${escape(article.section)}</p>
<${heading}>${link(`article/${article.id}`, article.headline, frame)}</${heading}><p>${escape(article.lead)}</p></div>`;
}

function list(title: string, articles: readonly Article[], frame: Frame): string {
  const items = articles.map(
    (article) => `<li>${link(`article/${article.id}`, article.headline, frame)} <time>${dateOf(article)}</time></li>`,
  );
  return `<aside><h3>${escape(title)}</h3><ul>${items.join('')}</ul></aside>`;
}

function link(path: string, text: string, { base }: Frame): string {
  return `<a href="${escape(`${base}/${path}`)}">${escape(text)}</a>`;
}

function dateOf({ date }: Article): string {
  return date.toLocaleDateString('en-GB', { day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' });
}

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
