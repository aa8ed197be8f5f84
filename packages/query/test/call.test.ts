import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { readCall } from '../src/call.ts';

const callback = () => {};
const types = { getTypeParser: () => (text: string) => text };

describe('readCall', () => {
  it.each([
    ['text', ['select 1']],
    ['text and values', ['select 1', ['a']]],
    ['text and callback', ['select 1', callback]],
    ['text, values and callback', ['select 1', ['a'], callback]],
    ['text, no values and callback', ['select 1', undefined, callback]],
    ['a config', [{ text: 'select 1', values: ['a'] }]],
    ['a config and values', [{ text: 'select 1' }, ['a']]],
    ['a config and callback', [{ text: 'select 1', values: ['a'] }, callback]],
    ['a config with callback', [{ text: 'select 1', values: ['a'], callback }]],
  ])('reads %s as node-postgres does', (_, args) => {
    const query = new (pg.Query as unknown as new (...args: unknown[]) => Record<string, unknown>)(...args);
    const call = readCall(args);
    expect(call).toMatchObject({ text: query['text'], special: false });
    expect(call?.values).toEqual(query['values']);
    expect(call?.callback).toBe(query['callback']);
  });

  it('reads row mode, types and name', () => {
    expect(readCall([{ text: 'select 1', rowMode: 'array', types, name: 'one' }])).toMatchObject({
      rowMode: 'array',
      types,
      name: 'one',
      special: false,
    });
  });

  it('reads a config whose text is a getter of its class', () => {
    class Tagged {
      get text(): string {
        return 'select 1';
      }
    }
    expect(readCall([new Tagged()])).toMatchObject({ text: 'select 1', special: false });
  });

  it.each(['binary', 'rows', 'portal', 'query_timeout'])('finds a query with %s special', (option) => {
    expect(readCall([{ text: 'select 1', [option]: 1 }])?.special).toBe(true);
  });

  it('reads the text of a query object and of a stream over a cursor', () => {
    expect(readCall([new pg.Query('select 1')])).toMatchObject({ text: 'select 1', special: true });
    expect(readCall([{ submit() {}, cursor: { text: 'select 2' } }])).toMatchObject({
      text: 'select 2',
      special: true,
    });
  });

  it.each([[null], [undefined], [7], [callback]])('leaves %s to node-postgres to refuse', (first) => {
    expect(readCall([first])).toBeUndefined();
  });
});
