import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** Passes octets on and counts them: what the relay asks of a server, seen from outside of it. */
export interface Tap extends AsyncDisposable {
  readonly port: number;
  /** From the server. */
  readonly bytes: number;
  /** Since the last `reset`, on the monotonic clock; undefined: nothing has passed. */
  readonly firstAtMs: number | undefined;
  readonly lastAtMs: number | undefined;
  reset(): void;
}

export async function startTap(serverPort: number): Promise<Tap> {
  const sockets = new Set<Socket>();
  let bytes = 0;
  let firstAtMs: number | undefined;
  let lastAtMs: number | undefined;
  const note = (): void => {
    lastAtMs = performance.now();
    firstAtMs ??= lastAtMs;
  };
  const server = createServer({ noDelay: true }, (client) => {
    const far = connect({ port: serverPort, host: '127.0.0.1', noDelay: true });
    for (const socket of [client, far]) {
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket)).on('error', () => undefined);
    }
    client.on('data', note).on('close', () => far.destroy());
    far
      .on('data', (chunk) => {
        bytes += chunk.length;
        note();
      })
      .on('close', () => client.destroy());
    client.pipe(far);
    far.pipe(client);
  });
  await new Promise<void>((done) => {
    server.listen(0, '127.0.0.1', done);
  });
  return {
    port: (server.address() as AddressInfo).port,
    get bytes() {
      return bytes;
    },
    get firstAtMs() {
      return firstAtMs;
    },
    get lastAtMs() {
      return lastAtMs;
    },
    reset() {
      bytes = 0;
      firstAtMs = undefined;
      lastAtMs = undefined;
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((done) => server.close(done));
    },
  };
}
