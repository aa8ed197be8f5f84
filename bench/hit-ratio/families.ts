/** What a trace was recorded of; traces of one family share a picture. The names are those of the shared traces, others go by what stands before their first dash. */
const FAMILIES: readonly (readonly [family: string, title: string, names: RegExp])[] = [
  ['web', 'Web requests', /^(web0|weblog|scarab)/],
  ['clicks', 'Clicks, page trails and recommended items', /^(kosarak|wikispeedia|movielens)/],
  ['database', 'Database and entity requests', /^(orm|arc-OLTP)/],
  ['arc', 'Block requests of workstations and virtual machines', /^(arc-P|cp-io)/],
  ['lirs', 'File and buffer caches', /^lirs/],
  ['addr', 'Memory references of a processor', /^addr/],
  ['cdn', 'Objects of many sizes, counted as entries', /^(cachelib|webcachesim)/],
  ['synthetic', 'Synthetic', /^syn/],
  ['llm', 'Prefix blocks of an LLM server', /^mooncake/],
];

export interface Family {
  readonly name: string;
  readonly title: string;
}

export function findFamily(trace: string): Family {
  const known = FAMILIES.find(([, , names]) => names.test(trace));
  if (known !== undefined) return { name: known[0], title: known[1] };
  const name = /^[^-]*/.exec(trace.toLowerCase())?.[0].replace(/[^a-z0-9]/g, '') || 'other';
  return { name, title: name };
}
