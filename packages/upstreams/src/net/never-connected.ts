/** Of an open connection none of these comes, unless it says that it was reading or writing: for everything else the request may have arrived. */
const BEFORE_CONNECTED = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EAI_FAIL',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EADDRNOTAVAIL',
  'UND_ERR_CONNECT_TIMEOUT',
  'address-not-allowed',
  'CERT_HAS_EXPIRED',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
]);

/** Did an HTTP request fail before there was a connection, so that nothing of it can have arrived? */
export function neverConnected(error: unknown): boolean {
  if (error instanceof AggregateError) return error.errors.length > 0 && error.errors.every(neverConnected);
  if (!(error instanceof Error)) return false;
  // Linux tells EHOSTUNREACH and ENETUNREACH of an open connection, too, that gave up its retransmissions (tcp(7)).
  if ('syscall' in error && (error.syscall === 'read' || error.syscall === 'write')) return false;
  if ('code' in error && typeof error.code === 'string' && BEFORE_CONNECTED.has(error.code)) return true;
  return error.cause !== undefined && neverConnected(error.cause);
}
