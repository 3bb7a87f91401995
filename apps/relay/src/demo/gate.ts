import { createServer, connect, type AddressInfo, type Socket } from 'node:net';

export interface Gate {
  readonly port: number;
  readonly isOpen: boolean;
  set(isOpen: boolean): void;
  close(): Promise<void>;
}

/**
 * The way into a server of the practice provider. While it is shut whoever comes is cut off, and whoever is inside, too; the port stays taken, so that
 * nobody else is there when it opens again.
 */
export async function openGate(innerPort: number): Promise<Gate> {
  let isOpen = true;
  const sockets = new Set<Socket>();
  const keep = (socket: Socket): Socket => {
    sockets.add(socket);
    return socket.on('error', () => undefined).once('close', () => sockets.delete(socket));
  };
  const cut = (): void => sockets.forEach((socket) => socket.destroy());
  const server = createServer((outer) => {
    if (!isOpen) return void outer.destroy();
    const inner = keep(connect(innerPort, '127.0.0.1'));
    keep(outer).pipe(inner).pipe(outer);
    outer.once('close', () => inner.destroy());
    inner.once('close', () => outer.destroy());
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    get isOpen() {
      return isOpen;
    },
    set(wanted) {
      isOpen = wanted;
      if (!isOpen) cut();
    },
    async close() {
      cut();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
