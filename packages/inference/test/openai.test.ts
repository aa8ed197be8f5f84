import type express from 'express';
import OpenAI from 'openai';
import { describe, expect, it } from 'vitest';
import { inference } from '../src/index.ts';
import { createModel, type Model } from './support/model.ts';
import { EXPRESS_VERSIONS, listen } from './support/server.ts';

async function clientOf(model: Model, create: typeof express, apiKey = 'sk-test'): Promise<OpenAI> {
  const app = create();
  app.use(inference(), create.json(), model.handler);
  const { url } = await listen(app);
  return new OpenAI({ baseURL: `${url}/v1`, apiKey, maxRetries: 0 });
}

const messages = [{ role: 'user' as const, content: 'Hello' }];

describe.each(EXPRESS_VERSIONS)("OpenAI's own client on %s", (_name, create) => {
  it('gets the same chat completion again without a second call', async () => {
    const model = createModel();
    const client = await clientOf(model, create);
    const ask = () => client.chat.completions.create({ model: 'm', messages });
    const [cold, warm] = [await ask(), await ask()];
    expect(warm.choices).toEqual(cold.choices);
    expect(warm.usage).toEqual(cold.usage);
    expect([cold._request_id, warm._request_id]).toEqual([expect.stringMatching(/^req_/), null]);
    expect(model.calls).toHaveLength(1);
  });

  it('gets the same stream again, chunk for chunk', async () => {
    const model = createModel();
    const client = await clientOf(model, create);
    const ask = async (): Promise<unknown[]> => {
      const chunks = [];
      for await (const chunk of await client.chat.completions.create({ model: 'm', messages, stream: true }))
        chunks.push(chunk);
      return chunks;
    };
    const [cold, warm] = [await ask(), await ask()];
    expect(cold).toHaveLength(66);
    expect(warm).toEqual(cold);
    expect(model.calls).toHaveLength(1);
  });

  it('gets the same text completion again', async () => {
    const model = createModel();
    const client = await clientOf(model, create);
    const ask = () => client.completions.create({ model: 'm', prompt: 'Hello' });
    expect((await ask()).choices).toEqual((await ask()).choices);
    expect(model.calls).toHaveLength(1);
  });

  it('gets embeddings decoded from base64, each where its index says', async () => {
    const model = createModel();
    const client = await clientOf(model, create);
    const ask = async (input: string[], format?: 'float'): Promise<number[][]> => {
      const { data } = await client.embeddings.create({
        model: 'e',
        input,
        ...(format !== undefined && { encoding_format: format }),
      });
      return data.toSorted((a, b) => a.index - b.index).map(({ embedding }) => [...embedding]);
    };
    const cold = await ask(['a', 'b', 'c']);
    expect(cold.map((vector) => vector.length)).toEqual([32, 32, 32]);
    expect(await ask(['a', 'b', 'c'])).toEqual(cold);
    expect(await ask(['c', 'a', 'b'])).toEqual([cold[2], cold[0], cold[1]]);
    expect(await ask(['a', 'b', 'c'], 'float')).toEqual(cold);
    expect(model.calls).toHaveLength(3);
  });

  it('can ask for a new answer by a header', async () => {
    const model = createModel();
    const client = await clientOf(model, create);
    const ask = (headers: Record<string, string> = {}) =>
      client.chat.completions.create({ model: 'm', messages }, { headers });
    await ask();
    await ask({ 'Cache-Control': 'no-cache' });
    await ask({ 'Cache-Control': 'no-store' });
    await ask();
    expect(model.calls).toHaveLength(3);
  });
});
