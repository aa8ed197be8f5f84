import type { Prediction, Predictor } from './predictor.ts';

/** Branches followed at each step; above a threshold of 1/8 there cannot be more. */
const MOST_BRANCHES = 8;

/** A prediction with the key that comes before it on the chain. */
interface Link extends Prediction {
  readonly before: string;
}

/**
 * Keys that follow `key` within `depth` steps and with a probability above `threshold`, which is the product of those of the steps. Each once,
 * nearest first, then likeliest.
 */
export /** Keys that follow `key` with a probability above `threshold`, each once, in the order in which they will be needed, likeliest first. */
function lookAhead(predictor: Predictor, key: string, stream: string, threshold: number, depth: number): string[] {
  const found = new Set<string>();
  let front: Link[] = [];
  for (const next of predictor.predict(key, stream, threshold)) front.push({ ...next, before: key });
  for (let step = 1; front.length > 0; step++) {
    front = front.slice(0, MOST_BRANCHES).filter((link) => link.key !== key && !found.has(link.key));
    for (const link of front) found.add(link.key);
    if (step === depth) break;
    front = front
      .flatMap((link) => follow(predictor, link, stream, threshold))
      .sort((a, b) => b.probability - a.probability);
  }
  return [...found];
}

function follow(predictor: Predictor, link: Link, stream: string, threshold: number): Link[] {
  return predictor
    .predict(link.key, stream, threshold / link.probability, link.before)
    .map((next) => ({ key: next.key, probability: link.probability * next.probability, before: link.key }));
}
