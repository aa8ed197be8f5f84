declare module 'apicache' {
  import type { Handler } from 'express';

  interface ApiCache {
    options(options: { readonly headers?: Readonly<Record<string, string>> }): ApiCache;
    middleware(duration: string): Handler;
  }
  const apicache: ApiCache;
  export default apicache;
}
