import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseContentRange, parseRange } from '../src/range.ts';

test.each([
  ['bytes=0-99', { start: 0, end: 100 }],
  ['bytes=900-', { start: 900, end: 1000 }],
  ['bytes=-100', { start: 900, end: 1000 }],
  ['bytes=-5000', { start: 0, end: 1000 }],
  ['bytes=990-5000', { start: 990, end: 1000 }],
  ['BYTES=0-0', { start: 0, end: 1 }],
  ['bytes= 0-0 ', { start: 0, end: 1 }],
  ['bytes=1000-', 'unsatisfiable'],
  ['bytes=99999999999999999999-', 'unsatisfiable'],
  ['bytes=-0', 'unsatisfiable'],
  ['bytes=5-4', 'whole'],
  ['bytes=-', 'whole'],
  ['bytes=a-b', 'whole'],
  ['bytes=0-9,20-29', 'whole'],
  ['items=0-9', 'whole'],
  ['bytes', 'whole'],
  [undefined, 'whole'],
])('understands %s of 1,000 bytes', (field, expected) => {
  expect(parseRange(field, 1000)).toEqual(expected);
});

test('satisfies no range of an empty file', () => {
  expect(parseRange('bytes=0-', 0)).toBe('unsatisfiable');
  expect(parseRange('bytes=-5', 0)).toBe('unsatisfiable');
});

test('stays inside the file, whatever is asked', () => {
  const bound = fc.oneof(fc.nat(3000).map(String), fc.constant(''), fc.string({ maxLength: 4 }));
  fc.assert(
    fc.property(bound, bound, fc.nat(2000), (first, last, size) => {
      const range = parseRange(`bytes=${first}-${last}`, size);
      if (typeof range === 'string') return;
      expect(range.start).toBeGreaterThanOrEqual(0);
      expect(range.end).toBeLessThanOrEqual(size);
      expect(range.start).toBeLessThan(range.end);
    }),
  );
});

test.each([
  ['bytes 0-99/1234', { span: { start: 0, end: 100 }, size: 1234 }],
  ['bytes 5-5/*', { span: { start: 5, end: 6 }, size: undefined }],
  ['bytes 9-5/10', undefined],
  ['bytes 0-10/10', undefined],
  ['bytes */10', undefined],
  ['bytes 0-99999999999999999/*', undefined],
  ['bytes=0-9/10', undefined],
  [undefined, undefined],
])('reads Content-Range %s', (field, expected) => {
  expect(parseContentRange(field)).toEqual(expected);
});
