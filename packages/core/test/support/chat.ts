import { randomFrom } from './traces.ts';

interface Conversation {
  readonly id: number;
  blocks: string[];
  turns: number;
}

/**
 * Blocks that an LLM server looks up for `requests` prompts: one for all, then those of a conversation. Two in five conversations come back after each turn, once
 * their users have read and typed, longer by an answer and a question; the last block of a prompt is not whole and never comes back.
 */
export function* chat(requests: number, seed: number): Generator<string> {
  const random = randomFrom(seed);
  const waiting: Conversation[][] = Array.from({ length: requests }, () => []);
  let conversations = 0;
  for (let request = 0; request < requests; request++) {
    const conversation = waiting[request]?.pop() ?? { id: conversations++, blocks: [], turns: 0 };
    const tail = conversation.turns === 0 ? 1 + Math.floor(30 * random() ** 2) : 1 + Math.floor(3 * random());
    for (let i = 0; i < tail; i++) conversation.blocks.push(`c${conversation.id} b${conversation.blocks.length}`);
    yield 'system';
    yield* conversation.blocks;
    yield `c${conversation.id} t${conversation.turns++}`;
    if (random() >= 0.4) continue;
    const back = request + 60 + Math.floor(400 * random() ** 3);
    waiting[back]?.push(conversation);
  }
}
