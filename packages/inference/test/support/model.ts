import { createHash } from 'node:crypto';
import type { Request, RequestHandler, Response } from 'express';

/** A model server in OpenAI's shape. What it says depends on every byte of the request and on nothing else, so that mixed-up answers show. */
export interface Model {
  /** Calls so far, by route. */
  readonly calls: string[];
  readonly handler: RequestHandler;
}

interface Asked {
  readonly model?: string;
  readonly stream?: boolean;
  readonly input?: string | readonly unknown[];
  readonly encoding_format?: string;
}

export function createModel(): Model {
  const calls: string[] = [];
  return {
    calls,
    handler: (req, res, next) => {
      calls.push(req.path);
      const asked = req.body as Asked;
      const text = sayingOf(req);
      if (req.path.endsWith('/chat/completions'))
        return asked.stream === true ? streamChat(res, text) : chat(res, text);
      if (req.path.endsWith('/completions'))
        return res.json({
          id: 'cmpl-1',
          object: 'text_completion',
          choices: [{ index: 0, text, finish_reason: 'stop' }],
        });
      if (req.path.endsWith('/embeddings')) return embed(res, asked);
      next();
    },
  };
}

function sayingOf(req: Request): string {
  return createHash('sha256').update(JSON.stringify(req.body)).digest('hex');
}

function chat(res: Response, text: string): void {
  res.set('x-request-id', `req_${text.slice(0, 8)}`).json({
    id: 'chatcmpl-1',
    object: 'chat.completion',
    choices: [{ index: 0, message: { role: 'assistant', content: text }, finish_reason: 'stop' }],
    usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
  });
}

function streamChat(res: Response, text: string): void {
  res.set({
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache',
    'x-request-id': 'req_stream',
  });
  for (const event of chatEvents(text)) res.write(event);
  res.end();
}

/** The stream that says `text`, a character an event, as OpenAI sends it. */
export function chatEvents(text: string): string[] {
  const chunk = (delta: object, reason: string | null): string =>
    `data: ${JSON.stringify({ id: 'chatcmpl-1', object: 'chat.completion.chunk', choices: [{ index: 0, delta, finish_reason: reason }] })}\n\n`;
  return [
    chunk({ role: 'assistant', content: '' }, null),
    ...Array.from(text, (content) => chunk({ content }, null)),
    chunk({}, 'stop'),
    'data: [DONE]\n\n',
  ];
}

function embed(res: Response, asked: Asked): void {
  const inputs = Array.isArray(asked.input) ? asked.input : [asked.input];
  const data = inputs.map((input, index) => {
    const vector = Float32Array.from(createHash('sha256').update(JSON.stringify(input)).digest(), (byte) => byte / 256);
    const embedding = asked.encoding_format === 'base64' ? Buffer.from(vector.buffer).toString('base64') : [...vector];
    return { object: 'embedding', index, embedding };
  });
  // Last first: what is where is told by `index`.
  res.json({
    object: 'list',
    model: asked.model,
    data: data.toReversed(),
    usage: { prompt_tokens: 1, total_tokens: 1 },
  });
}
