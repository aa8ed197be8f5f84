import { POLICY_NAMES } from './policies.ts';
import { DEFAULT_SIZES } from './sizes.ts';
import { FORMATS } from './trace/format.ts';

export const USAGE: string = `kvasir: what a cache would give you, from a trace of your requests

  kvasir simulate <trace> [--policies lru,sieve] [--sizes 1000,64MB,5%] [--json] [--svg plot.svg]
      The hit ratio of each policy at each size, replayed through memory().
  kvasir plan <trace> --target 0.9 [--json]
      The size at which LRU reaches a hit ratio, and what kind of requests these are.

A trace is a file, or - for standard input; gzip is unpacked. It may be an access log (common or
combined format: GET and HEAD answered with 200), the output of redis-cli MONITOR (reads), a key a
line, or CSV with key,size.

  --policies   ${POLICY_NAMES.join(', ')}; default all
  --sizes      counts of entries, bytes (64MB), or percent of all keys, or of their bytes
               where the trace tells sizes; default ${DEFAULT_SIZES}
  --target     a hit ratio above 0 and below 1
  --format     ${FORMATS.join(', ')}; default: what the file looks like
  --json       print JSON instead of a table
  --svg        write a plot of hit ratio over size to this file
  --help, --version
`;
