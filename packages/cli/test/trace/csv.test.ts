import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'vitest';
import { makeCsvParser, splitFields } from '../../src/trace/csv.ts';
import { parse } from './support.ts';

const quoted = (field: string): string => `"${field.replaceAll('"', '""')}"`;
const text = fc.string({ unit: 'grapheme', minLength: 1 }).filter((field) => !/[\r\n]/.test(field));

describe('the CSV parser', () => {
  it('gives back the key and size that were written, quoted or not', () => {
    fc.assert(
      fc.property(text, fc.maxSafeNat(), fc.boolean(), (key, size, bare) => {
        const field = bare && !/[",]/.test(key) ? key : quoted(key);
        assert.deepEqual(parse(makeCsvParser(), `${field},${size}`), [[key, size]]);
      }),
    );
  });

  it('takes the columns from a first line that names them, in any order and among others', () => {
    const parser = makeCsvParser();
    assert.deepEqual(parse(parser, 'time, Size ,"Key"'), []);
    assert.deepEqual(parse(parser, '10:00,512,a'), [['a', 512]]);
    assert.equal(parse(parser, 'size,key'), undefined);
  });

  it.each(['a', 'a,', 'a,x', 'a,-1', 'a,1.5', ',5', '"a,5', '"a"b,5', 'a,99999999999999999', 'key,size,x\0"'])(
    'refuses %j',
    (line) => {
      const parser = makeCsvParser();
      parse(parser, 'first,1');
      assert.equal(parse(parser, line), undefined);
    },
  );

  it('never throws, and splits every line or says that quotes do not match', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('"', ',', 'a', '1', ' ') }), (line) => {
        parse(makeCsvParser(), line);
        const fields = splitFields(line);
        if (!line.includes('"')) assert.deepEqual(fields, line.split(','));
      }),
    );
  });
});
