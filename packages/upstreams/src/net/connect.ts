import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { MailError, messageOf } from '@stopgap/core';
import type { Guard } from './guard.ts';
import { reasonOfNetworkError } from './network-reason.ts';

export interface ConnectOptions {
  readonly host: string;
  readonly port: number;
  readonly security: 'tls' | 'none';
  /** PEM text of further certificate authorities. */
  readonly ca?: string | undefined;
  /** The name the certificate must carry; undefined: `host`. */
  readonly servername?: string;
  readonly guard: Guard;
  /** Look-up, TCP and TLS together. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/**
 * Opens a connection to an upstream. Rejects with a MailError that has a `reason` of class `connect`, `tls` or `cancelled`.
 * The caller owns the socket; it has no `error` listener any more, so attach one in the same tick.
 */
export async function connect(options: ConnectOptions): Promise<Socket> {
  const { host, guard } = options;
  const deadline = AbortSignal.any([options.signal, AbortSignal.timeout(options.timeoutMs)]);
  try {
    guard.checkLiteral(host);
    const tcp = connectTcp({ host, port: options.port, lookup: guard.lookup, noDelay: true, keepAlive: true });
    await opened(tcp, 'connect', deadline);
    if (options.security === 'none') return tcp;
    return await upgradeToTls(tcp, { ...options, signal: deadline });
  } catch (error) {
    throw failure(error, options, deadline);
  }
}

export type UpgradeOptions = Pick<ConnectOptions, 'host' | 'ca' | 'servername' | 'guard' | 'signal'>;

/** Speaks TLS on an open connection (STARTTLS). Rejects as `connect` does; the plain socket is gone then. */
export async function upgradeToTls(socket: Socket, options: UpgradeOptions): Promise<TLSSocket> {
  const name = options.servername ?? options.host;
  const tls = connectTls({
    socket,
    secureContext: options.guard.trust(options.ca),
    // RFC 6066 3: no IP literals in SNI. The certificate is checked against `host` then.
    ...(isIP(name) === 0 ? { servername: name } : { host: name }),
  });
  try {
    await opened(tls, 'secureConnect', options.signal);
  } catch (error) {
    socket.destroy();
    throw new MailError('transient', `no TLS with ${options.host}`, {
      code: 'tls',
      reason: options.signal.aborted ? abortedReason(options.host, options.signal) : tlsReason(error, options.host),
      cause: error,
    });
  }
  return tls;
}

function opened(socket: Socket, event: 'connect' | 'secureConnect', signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (error: unknown) => {
      socket.off(event, onOpen).off('error', settle).off('close', onClose);
      signal.removeEventListener('abort', onAbort);
      if (error === undefined) return resolve();
      // A destroyed socket may still report an error later; nobody is left to hear it.
      socket.on('error', ignore).destroy();
      reject(error instanceof Error ? error : new Error(messageOf(error)));
    };
    const onOpen = () => settle(undefined);
    const onClose = () => settle(Object.assign(new Error('closed while connecting'), { code: 'ECONNRESET' }));
    const onAbort = () => settle(new Error('aborted'));
    socket.once(event, onOpen).once('error', settle).once('close', onClose);
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
  });
}

function ignore(): void {}

function failure(error: unknown, options: ConnectOptions, deadline: AbortSignal): MailError {
  if (options.signal.aborted) return withReason(error, { class: 'cancelled', text: `connecting to ${options.host} was cancelled` });
  if (deadline.aborted) return withReason(error, { class: 'connect', text: `${options.host} did not answer in time`, host: options.host });
  if (error instanceof MailError && error.reason !== undefined) return error;
  return withReason(error, reasonOfNetworkError(error, options.host));
}

function withReason(cause: unknown, reason: NonNullable<MailError['reason']>): MailError {
  return new MailError('transient', reason.text, { code: reason.class, reason, cause });
}

function abortedReason(host: string, signal: AbortSignal): NonNullable<MailError['reason']> {
  return isTimeout(signal)
    ? { class: 'tls', text: `${host} did not finish the TLS handshake in time`, host }
    : { class: 'cancelled', text: `the TLS handshake with ${host} was cancelled` };
}

function isTimeout(signal: AbortSignal): boolean {
  return signal.reason instanceof Error && signal.reason.name === 'TimeoutError';
}

/** Whatever broke the handshake is a matter of TLS, also a plain reset in the middle of it. */
function tlsReason(error: unknown, host: string): NonNullable<MailError['reason']> {
  const reason = reasonOfNetworkError(error, host);
  return reason.class === 'tls' ? reason : { ...reason, class: 'tls', text: `${reason.text}, in the middle of the TLS handshake` };
}
