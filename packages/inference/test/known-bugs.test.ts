/** Mistakes that other inference caches have made; each title names whose. */
import express from 'express';
import { describe, expect, it } from 'vitest';
import { type InferenceOptions, inference } from '../src/index.ts';
import { createModel, type Model } from './support/model.ts';
import { listen, type PostOptions, post } from './support/server.ts';

const BASE = { model: 'm', messages: [{ role: 'user', content: 'Hi' }], temperature: 0.5 };
const message = (fields: object): object => ({ ...BASE, messages: [{ role: 'user', content: 'Hi' }, fields] });
const image = (data: string): object => ({
  ...BASE,
  messages: [
    {
      role: 'user',
      content: [
        { type: 'text', text: 'What is it?' },
        { type: 'image_url', image_url: { url: `data:image/png;base64,${data}` } },
      ],
    },
  ],
});

async function serve(
  model: Model,
  options?: InferenceOptions,
): Promise<(body: unknown, options?: PostOptions, path?: string) => Promise<string>> {
  const app = express();
  app.use(inference(options), express.json(), model.handler);
  const { url } = await listen(app);
  return async (body, with_, path = '/v1/chat/completions') => (await post(url + path, body, with_)).text();
}

describe('the key', () => {
  it.each<[string, object, object]>([
    ['logit_bias (litellm #894)', { ...BASE, logit_bias: { 50256: -100 } }, BASE],
    ['max_tokens (litellm #894)', { ...BASE, max_tokens: 10 }, { ...BASE, max_tokens: 11 }],
    ['seed (litellm #894)', { ...BASE, seed: 1 }, { ...BASE, seed: 2 }],
    ['n (litellm #5049)', { ...BASE, n: 2 }, BASE],
    ['response_format (headroom #1473)', { ...BASE, response_format: { type: 'json_object' } }, BASE],
    ['tool_choice (headroom #1473)', { ...BASE, tool_choice: 'auto' }, { ...BASE, tool_choice: 'none' }],
    [
      'tools (instructor #2585)',
      { ...BASE, tools: [{ type: 'function', function: { name: 'a' } }] },
      { ...BASE, tools: [{ type: 'function', function: { name: 'b' } }] },
    ],
    [
      'the order of tools',
      { ...BASE, tools: [{ name: 'a' }, { name: 'b' }] },
      { ...BASE, tools: [{ name: 'b' }, { name: 'a' }] },
    ],
    ['thinking (headroom #1473)', { ...BASE, thinking: { type: 'enabled', budget_tokens: 1024 } }, BASE],
    [
      'tool_call_id (NadirClaw #90)',
      message({ role: 'tool', tool_call_id: 'call_1', content: '1' }),
      message({ role: 'tool', tool_call_id: 'call_2', content: '1' }),
    ],
    ['parallel_tool_calls (litellm-rs #505)', { ...BASE, parallel_tool_calls: false }, BASE],
    ['prediction (litellm-rs #505)', { ...BASE, prediction: { type: 'content', content: 'x' } }, BASE],
    [
      'an omitted temperature, which is not 0 (OrcaRouter-Lite #84)',
      { model: 'm', messages: [] },
      { model: 'm', messages: [], temperature: 0 },
    ],
    ['the image (langchainjs #10092)', image('iVBORw0KGgoA'), image('iVBORw0KGgoB')],
    [
      'the system prompt (octopus #235)',
      { ...BASE, messages: [{ role: 'system', content: 'A' }, ...BASE.messages] },
      { ...BASE, messages: [{ role: 'system', content: 'B' }, ...BASE.messages] },
    ],
    ['the user field', { ...BASE, user: 'u1' }, { ...BASE, user: 'u2' }],
    ['whether it is a stream', { ...BASE, stream: true }, BASE],
    ['a field that no API has yet', { ...BASE, frobnicate: 1 }, BASE],
  ])('counts %s', async (_title, one, other) => {
    const model = createModel();
    const ask = await serve(model);
    const answers = [await ask(one), await ask(other)];
    expect(answers[0]).not.toBe(answers[1]);
    expect([await ask(one), await ask(other)]).toEqual(answers);
    expect(model.calls).toHaveLength(2);
  });

  it('does not count x-stainless-* headers', async () => {
    const model = createModel();
    const ask = await serve(model);
    for (const count of ['0', '1']) await ask(BASE, { headers: { 'x-stainless-retry-count': count } });
    expect(model.calls).toHaveLength(1);
  });

  it('leaves out what is declared not to count', async () => {
    const model = createModel();
    const ask = await serve(model, { ignoreFields: ['user', 'metadata'] });
    for (const user of ['u1', 'u2']) await ask({ ...BASE, user, metadata: { user } });
    expect(model.calls).toHaveLength(1);
  });
});

describe('a tenant', () => {
  it.each(['authorization', 'x-api-key', 'api-key', 'cookie'])(
    'gets nothing of another, told apart by %s (litellm #19575)',
    async (name) => {
      const model = createModel();
      const ask = await serve(model);
      for (const value of ['one', 'two', 'one', 'two']) await ask(BASE, { headers: { [name]: value } });
      await ask(BASE);
      expect(model.calls).toHaveLength(3);
    },
  );

  it('gets its own answers again (litellm #29086)', async () => {
    const model = createModel();
    const ask = await serve(model);
    const headers = { authorization: 'Bearer sk-1' };
    expect(await ask(BASE, { headers })).toBe(await ask(BASE, { headers }));
    expect(model.calls).toHaveLength(1);
  });

  it('can be named by the app; a request without one, or for which naming it fails, is not cached', async () => {
    const model = createModel();
    const ask = await serve(model, {
      tenant: (req) => {
        if (req.headers['x-team'] === 'broken') throw new Error('no session');
        return req.headers['x-team'] as string | undefined;
      },
    });
    for (const key of ['sk-1', 'sk-2']) await ask(BASE, { headers: { 'x-team': 'red', authorization: key } });
    expect(model.calls).toHaveLength(1);
    for (const headers of [{}, {}, { 'x-team': 'broken' }, { 'x-team': 'broken' }])
      await ask(BASE, { headers: headers as Record<string, string> });
    expect(model.calls).toHaveLength(5);
  });
});

describe('a request', () => {
  it.each<[string, object, string]>([
    ['that goes on from a response', { model: 'm', input: 'x', previous_response_id: 'resp_1' }, '/v1/responses'],
    ['within a conversation', { model: 'm', input: 'x', conversation: 'conv_1' }, '/v1/responses'],
    ['in the background', { model: 'm', input: 'x', background: true }, '/v1/responses'],
    ['that is to be stored', { ...BASE, store: true }, '/v1/chat/completions'],
    ['that makes a thread', {}, '/v1/threads'],
    ['that makes a batch', { input_file_id: 'f' }, '/v1/batches'],
  ])('%s reaches the model each time', async (_title, body, path) => {
    let calls = 0;
    const app = express();
    app.use(inference());
    app.post(path, (_req, res) => void res.json({ calls: ++calls }));
    const { url } = await listen(app);
    for (let count = 1; count <= 2; count++)
      expect(await (await post(url + path, body)).json()).toEqual({ calls: count });
  });

  it('that asks for chance is answered from cache, unless the option says otherwise (inspect_ai #2580)', async () => {
    const [kept, sampled] = [createModel(), createModel()];
    const askKept = await serve(kept);
    const askSampled = await serve(sampled, { sampled: 'bypass' });
    for (const ask of [askKept, askSampled]) {
      for (const body of [BASE, { ...BASE, temperature: 0 }, { ...BASE, seed: 7 }]) {
        await ask(body);
        await ask(body);
      }
      for (let count = 0; count < 2; count++) await ask({ model: 'e', input: 'x' }, {}, '/v1/embeddings');
    }
    expect([kept.calls.length, sampled.calls.length]).toEqual([4, 5]);
  });
});

describe('a batch of embeddings', () => {
  it('keeps each vector with its index, in whatever order it is asked for (litellm #2990, #20949, llama_index #19537)', async () => {
    const model = createModel();
    const ask = await serve(model);
    const vectors = async (input: unknown): Promise<unknown[]> => {
      const { data } = JSON.parse(await ask({ model: 'e', input }, {}, '/v1/embeddings')) as {
        data: { index: number; embedding: number[] }[];
      };
      return data.toSorted((a, b) => a.index - b.index).map(({ embedding }) => embedding);
    };
    const [a, b] = await vectors(['a', 'b']);
    for (let count = 0; count < 2; count++) {
      expect(await vectors(['b', 'a'])).toEqual([b, a]);
      expect(await vectors(['a', 'b'])).toEqual([a, b]);
      expect(await vectors('a')).toEqual([a]);
    }
    expect(await vectors([1, 2])).not.toEqual(await vectors([[1, 2]]));
  });
});
