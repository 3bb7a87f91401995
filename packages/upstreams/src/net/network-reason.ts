import { MailError, messageOf, type Reason } from '@stopgap/core';

/** Longest piece of somebody else's text in a reason. */
const LONGEST_DETAIL = 300;

const CONNECT_SENTENCES: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'refused the connection',
  ECONNRESET: 'reset the connection',
  EPIPE: 'closed the connection',
  ETIMEDOUT: 'did not answer in time',
  EHOSTUNREACH: 'can not be reached (no route to the host)',
  ENETUNREACH: 'can not be reached (network unreachable)',
  EADDRNOTAVAIL: 'can not be reached (no local address left)',
  EMFILE: 'was not tried: this process has no file handle left',
  ENFILE: 'was not tried: this machine has no file handle left',
  ENOTFOUND: 'has no address in the DNS',
  ENODATA: 'has no address in the DNS',
  EAI_AGAIN: 'could not be looked up: the DNS did not answer',
  EAI_FAIL: 'could not be looked up: the DNS failed',
  ESERVFAIL: 'could not be looked up: the DNS failed',
  ETIMEOUT: 'could not be looked up: the DNS did not answer',
};

const TLS_SENTENCES: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'showed a certificate that has expired',
  CERT_NOT_YET_VALID: 'showed a certificate that is not valid yet',
  CERT_REVOKED: 'showed a certificate that was revoked',
  ERR_TLS_CERT_ALTNAME_INVALID: 'showed a certificate for another name',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'showed a self-signed certificate that is not trusted here',
  SELF_SIGNED_CERT_IN_CHAIN: 'showed a certificate of an authority that is not trusted here',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'showed a certificate of an authority that is not trusted here',
  UNABLE_TO_GET_ISSUER_CERT: 'showed a certificate of an authority that is not trusted here',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'showed a certificate of an authority that is not trusted here',
};

/** What a failed connection, look-up or handshake says about the host, as one sentence. Everything unknown counts as `connect`. */
export function reasonOfNetworkError(error: unknown, host: string): Reason {
  if (error instanceof MailError && error.reason !== undefined) return error.reason;
  const code = codeOf(error);
  const tls = TLS_SENTENCES[code];
  if (tls !== undefined) return { class: 'tls', text: `${host} ${tls}`, host };
  const connect = CONNECT_SENTENCES[code];
  if (connect !== undefined) return { class: 'connect', text: `${host} ${connect}`, host };
  const detail = messageOf(error).slice(0, LONGEST_DETAIL);
  if (code.startsWith('ERR_SSL_') || code.startsWith('ERR_TLS_') || code === 'EPROTO')
    return { class: 'tls', text: `${host} failed the TLS handshake: ${detail}`, host };
  return { class: 'connect', text: `the connection to ${host} failed: ${detail}`, host };
}

/** Undici and Node's happy eyeballs wrap the error that matters: as `cause`, or as one of several. */
function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return '';
  if (error instanceof AggregateError && error.errors.length > 0) return codeOf(error.errors[0]);
  if ('code' in error && typeof error.code === 'string' && error.code !== 'UND_ERR_SOCKET') return error.code;
  return codeOf(error.cause);
}
