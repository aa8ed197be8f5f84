import type { HeaderList } from '@kvasir/core/http';
import { describe, expect, it } from 'vitest';
import { collectFields } from '../src/fields.ts';
import { isPage, makePage, type Page, pageCodec } from '../src/page.ts';

const NOW = Date.UTC(2026, 0, 1);
const terms = {
  bornAt: NOW,
  freshUntil: NOW + 1000,
  vary: ['accept'],
  isForAll: false,
  servesAuthorization: true,
};

function pageOf(headers: HeaderList): Page {
  const response = { status: 200, statusMessage: 'OK', headers, body: Buffer.from([0, 255]) };
  const head = { terms, request: { accept: 'a' }, responseTime: NOW, tags: ['t'] };
  return makePage(response, collectFields(headers), head);
}

describe('makePage', () => {
  it('leaves out what a cache says anew each time', () => {
    const { fields } = pageOf([
      ['Age', '5'],
      ['Cache-Status', 'upstream; hit'],
      ['X-Own', '1'],
      ['Date', 'Thu, 01 Jan 2026 00:00:00 GMT'],
    ]);
    expect(fields).toEqual(['X-Own', '1', 'Date', 'Thu, 01 Jan 2026 00:00:00 GMT', 'Content-Length', '2']);
  });

  it('replaces a Date that is none', () => {
    const { fields, date } = pageOf([['Date', 'today']]);
    expect(fields).toEqual(['Content-Length', '2', 'Date', 'Thu, 01 Jan 2026 00:00:00 GMT']);
    expect(date).toBe(NOW);
  });

  it('compares by no entity tag when there are two', () => {
    expect(pageOf([['ETag', '"a"']]).etag).toBe('"a"');
    expect(
      pageOf([
        ['ETag', '"a"'],
        ['ETag', '"b"'],
      ]).etag,
    ).toBeUndefined();
  });
});

describe('pageCodec', () => {
  it('brings back a page as it was', () => {
    const page = pageOf([
      ['ETag', '"ä"'],
      ['Last-Modified', 'Thu, 01 Jan 2026 00:00:00 GMT'],
    ]);
    const back = pageCodec.decode(pageCodec.encode(page));
    expect(back).toEqual(page);
    expect(isPage(back)).toBe(true);
  });

  it('refuses a head that lacks any part that is relied on', () => {
    const page = pageOf([]);
    const optional = ['etag', 'lastModified', 'body'];
    for (const part of Object.keys(page).filter((name) => !optional.includes(name))) {
      const { [part as keyof Page]: _, ...rest } = page;
      expect(() => pageCodec.decode(pageCodec.encode(rest as never)), part).toThrow();
    }
  });
});
