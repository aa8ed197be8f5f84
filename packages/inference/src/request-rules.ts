import type { IncomingMessage } from 'node:http';

/**
 * Routes where a POST makes or changes something, so that the same request again must make another, wherever they stand in a path: OpenAI's
 * threads, batches and so on, Anthropic's batches, Ollama's upkeep of models.
 */
export const STATEFUL_ROUTES: readonly string[] = [
  'api/blobs',
  'api/copy',
  'api/create',
  'api/pull',
  'api/push',
  'assistants',
  'batches',
  'cancel',
  'containers',
  'conversations',
  'evals',
  'files',
  'fine-tunes',
  'fine_tuning',
  'organization',
  'realtime',
  'threads',
  'uploads',
  'vector_stores',
  'videos',
];

/** Fields that tie a request to something kept at the model's side, when they are neither absent, null, false nor ''. */
export const STATEFUL_FIELDS: readonly string[] = ['background', 'conversation', 'previous_response_id', 'store'];

/** Why a request is neither answered from cache nor kept, as far as its head tells. */
export function bypassOfHead(req: IncomingMessage & { readonly originalUrl?: string }): string | undefined {
  const { headers } = req;
  if (!isJson(headers['content-type'])) return 'content-type';
  const encoding = headers['content-encoding'];
  if (encoding !== undefined && encoding.toLowerCase() !== 'identity') return 'content-encoding';
  if (directives(req).has('no-store')) return 'no-store';
  const [path = ''] = (req.originalUrl ?? req.url ?? '').split('?', 1);
  const whole = `${path.toLowerCase()}/`;
  return STATEFUL_ROUTES.some((route) => whole.includes(`/${route}/`)) ? 'route' : undefined;
}

/** Why a request is neither answered from cache nor kept, as far as its body tells. */
export function bypassOfBody(body: unknown, path: string, sampled: 'cache' | 'bypass'): string | undefined {
  if (typeof body !== 'object' || body === null) return undefined;
  const fields = body as Readonly<Record<string, unknown>>;
  if (STATEFUL_FIELDS.some((name) => Object.hasOwn(fields, name) && isSaid(fields[name]))) return 'stateful';
  return sampled === 'bypass' && isSampled(fields, path) ? 'sampled' : undefined;
}

/** The caller wants an answer that is made for this request, to be kept for others. */
export function wantsNewAnswer(req: IncomingMessage): boolean {
  return directives(req).has('no-cache') || directives(req).has('max-age=0');
}

function isJson(contentType: string | undefined): boolean {
  const type = (contentType?.split(';', 1)[0] ?? '').trim().toLowerCase();
  return type === 'application/json' || /^application\/[\w.-]+\+json$/.test(type);
}

function directives(req: IncomingMessage): ReadonlySet<string> {
  return new Set((req.headers['cache-control'] ?? '').toLowerCase().split(/\s*,\s*/));
}

function isSaid(value: unknown): boolean {
  return value !== undefined && value !== null && value !== false && value !== '';
}

/** An omitted temperature is the model's own, hardly ever 0. Ollama has both under `options`. */
function isSampled(fields: Readonly<Record<string, unknown>>, path: string): boolean {
  if (/\/(?:embeddings?|embed|rerank|moderations|tokenize|detokenize)\/?$/.test(path)) return false;
  const nested = typeof fields['options'] === 'object' && fields['options'] !== null ? fields['options'] : {};
  const { temperature, seed } = { ...nested, ...fields } as { readonly temperature?: unknown; readonly seed?: unknown };
  return temperature !== 0 && !isSaid(seed);
}
