import type { Socket } from 'node:net';
import { TLSSocket, type SecureContext } from 'node:tls';

/** Two round trips and some arithmetic. */
const HANDSHAKE_MS = 30_000;

/** TLS over a socket, as the server. What came in clear and was not read yet counts as a part of the handshake, and spoils it. */
export function beginTls(
  raw: Socket,
  { secureContext, alpn }: { readonly secureContext: SecureContext; readonly alpn: string },
): TLSSocket {
  const socket = new TLSSocket(raw, { isServer: true, secureContext, ALPNProtocols: [alpn] });
  socket.on('error', () => undefined);
  return socket;
}

/** False: it came to nothing within the time, and the socket is destroyed. */
export function handshakeDone(socket: TLSSocket): Promise<boolean> {
  return new Promise((resolve) => {
    const end = (isDone: boolean): void => {
      clearTimeout(late);
      socket.off('secure', done);
      socket.off('close', over);
      socket.off('end', left);
      resolve(isDone);
    };
    const done = (): void => end(true);
    const over = (): void => end(false);
    // Sockets may be half open here: without this one it would be waited for.
    const left = (): void => void socket.destroy();
    const late = setTimeout(() => socket.destroy(), HANDSHAKE_MS);
    socket.once('secure', done);
    socket.once('close', over);
    socket.once('end', left);
  });
}
