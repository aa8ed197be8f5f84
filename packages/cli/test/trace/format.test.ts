import assert from 'node:assert/strict';
import { describe, it } from 'vitest';
import { formatOfName, formatOfText } from '../../src/trace/format.ts';

const LOG = '127.0.0.1 - - [10/Oct/2000:13:55:36 -0700] "GET /a HTTP/1.0" 200 2326';
const MONITOR = '1339518083.107412 [0 127.0.0.1:60866] "get" "a"';

describe('formatOfName', () => {
  it.each([
    ['t.u32.gz', 'u32'],
    ['t.u32', 'u32'],
    ['t.idsz.u32.gz', 'idsz'],
    ['t.cid.u32.gz', 'cid'],
    ['t.kv.jsonl.gz', 'blocks'],
    ['access.log.gz', undefined],
  ])('of %s is %s', (name, format) => {
    assert.equal(formatOfName(name), format);
  });
});

describe('formatOfText', () => {
  it.each([
    [[LOG, LOG], 'log'],
    [['OK', MONITOR], 'redis'],
    [['{"t":1,"b":[1,2]}'], 'blocks'],
    [['key,size', 'a,1'], 'csv'],
    [['a,1', 'b,2'], 'csv'],
    [['a,1', 'b'], 'keys'],
    [['a', 'b c', '{x}', 'OK'], 'keys'],
    [['', LOG], 'log'],
    [[], 'keys'],
    [['a\0b'], undefined],
  ])('of %j is %s', (lines, format) => {
    assert.equal(formatOfText(lines), format);
  });
});
