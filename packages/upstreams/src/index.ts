export { createGuard, type Guard } from './net/guard.ts';
export { reasonOfNetworkError } from './net/network-reason.ts';
export { SmtpConnection } from './smtp/connection.ts';
export { deferredBy } from './smtp/failure.ts';
export { DEFAULT_SMTP_TIMEOUTS, type SmtpTimeouts } from './smtp/timeouts.ts';
export { createUpstreams } from './upstreams.ts';
