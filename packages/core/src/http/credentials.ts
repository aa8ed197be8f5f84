/**
 * Request headers that say who asks, with a key or a session of their own or by the word of a proxy that has checked one.
 * An answer to a request with one of them may be that user's own.
 */
export const CREDENTIAL_HEADERS: readonly string[] = [
  'api-key',
  'authorization',
  'cf-access-authenticated-user-email',
  'cf-access-jwt-assertion',
  'cookie',
  'ocp-apim-subscription-key',
  'proxy-authorization',
  'remote-user',
  'x-access-token',
  'x-amzn-oidc-data',
  'x-amzn-oidc-identity',
  'x-api-key',
  'x-auth-request-email',
  'x-auth-request-user',
  'x-auth-token',
  'x-forwarded-email',
  'x-forwarded-user',
  'x-goog-api-key',
  'x-goog-authenticated-user-email',
  'x-goog-iap-jwt-assertion',
  'x-ms-client-principal',
  'x-ms-client-principal-id',
  'x-remote-user',
  'x-session-id',
  'x-session-token',
  'x-tenant-id',
  'x-user-id',
];

export function hasField(value: string | readonly string[] | undefined): boolean {
  return typeof value === 'string' ? value.trim() !== '' : value !== undefined;
}
