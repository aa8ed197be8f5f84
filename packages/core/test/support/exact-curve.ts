/** The part of requests that LRU of `size` misses, by keeping the stack as a list: obviously right, and slow. */
export function missRatioOfLru(requests: readonly { key: string; weight: number }[], size: number): number {
  let newestFirst: { key: string; weight: number }[] = [];
  let hits = 0;
  for (const request of requests) {
    const at = newestFirst.findIndex(({ key }) => key === request.key);
    const since = newestFirst.slice(0, Math.max(0, at)).reduce((sum, { weight }) => sum + weight, 0);
    if (at !== -1 && since + request.weight <= size) hits++;
    newestFirst = [request, ...newestFirst.filter(({ key }) => key !== request.key)];
  }
  return 1 - hits / requests.length;
}
