import type { Scenario } from './scenarios.ts';

interface Answer {
  readonly ms: number;
  readonly status: string;
  readonly body: Buffer;
}

/** Asks every scenario of a running showcase cold and then warm. One line each, and one of what was answered. */
export async function* runTour(base: string, scenarios: readonly Scenario[]): AsyncGenerator<string> {
  yield `${'scenario'.padEnd(10)}${'cold'.padStart(12)}${'warm'.padStart(12)}${'ratio'.padStart(9)}   Cache-Status, cold and warm`;
  for (const scenario of scenarios) {
    await scenario.forget();
    const cold = await ask(base, scenario);
    const warm = await ask(base, scenario);
    const ratio = `${Math.round(cold.ms / warm.ms).toLocaleString('en')}x`;
    yield `${scenario.id.padEnd(10)}${inMs(cold.ms)}${inMs(warm.ms)}${ratio.padStart(9)}   ${cold.status}  →  ${warm.status}`;
    yield `${' '.repeat(10)}  ${scenario.excerpt(warm.body)}`;
  }
}

async function ask(base: string, { request }: Scenario): Promise<Answer> {
  const { path, ...init } = request;
  const start = performance.now();
  const response = await fetch(new URL(path, base), init);
  const body = Buffer.from(await response.arrayBuffer());
  const ms = performance.now() - start;
  if (!response.ok) throw new Error(`${path}: ${response.status} ${body.toString('utf8', 0, 200)}`);
  return { ms, status: response.headers.get('cache-status') ?? '(none)', body };
}

function inMs(ms: number): string {
  return `${ms < 10 ? ms.toFixed(1) : Math.round(ms).toLocaleString('en')} ms`.padStart(12);
}
