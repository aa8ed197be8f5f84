import type { IncomingHttpHeaders } from 'node:http';
import { CREDENTIAL_HEADERS, hasField } from '@kvasir/core/http';
import type { Terms } from './storable.ts';

/** Keys, sessions and identities that RFC 9111 does not know of: those beside Cookie and Authorization. */
const OTHERS = CREDENTIAL_HEADERS.filter((name) => name !== 'cookie' && name !== 'authorization');

export function hasCredentials(request: IncomingHttpHeaders): boolean {
  return CREDENTIAL_HEADERS.some((name) => hasField(request[name]));
}

/**
 * The kind of credential in the request, if it has one, for which a response on these terms is not meant. Authorization follows RFC 9111
 * section 3.5; all others need a response that is marked for everybody, or that names them in Vary.
 */
export function refusedCredential(
  request: IncomingHttpHeaders,
  terms: Pick<Terms, 'isForAll' | 'servesAuthorization' | 'vary'>,
): string | undefined {
  const { isForAll, servesAuthorization, vary } = terms;
  if (isForAll) return undefined;
  if (hasField(request.authorization) && !servesAuthorization) return 'authorization';
  if (hasField(request.cookie) && !vary.includes('cookie')) return 'cookie';
  return OTHERS.some((name) => hasField(request[name]) && !vary.includes(name)) ? 'credentials' : undefined;
}
