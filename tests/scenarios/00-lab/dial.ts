import net from 'node:net';
import tls from 'node:tls';

/** How a conversation stood when it was looked at. */
export interface Call {
  readonly text: string;
  readonly end: 'refused' | 'reset' | 'closed' | 'open';
}

export interface CallOptions {
  readonly send?: string | Buffer;
  /** TLS from the first byte. */
  readonly isTls?: boolean;
  /** Look when this much time has passed, at the latest. */
  readonly patienceMs?: number;
  /** Look as soon as this has come. */
  readonly hangUpAt?: RegExp;
}

/** Opens a connection, says `send` once connected, and reports what came back and how it ended. */
export function call(port: number, options: CallOptions = {}): Promise<Call> {
  const { send, isTls = false, patienceMs = 10_000, hangUpAt } = options;
  return new Promise((resolve) => {
    let text = '';
    const socket = isTls ? tls.connect({ port, host: '127.0.0.1', rejectUnauthorized: false }) : net.connect(port, '127.0.0.1');
    const report = (end: Call['end']): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve({ text, end });
    };
    const timer = setTimeout(() => report('open'), patienceMs);
    socket.once(isTls ? 'secureConnect' : 'connect', () => {
      if (send !== undefined) socket.write(send);
    });
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
      if (hangUpAt?.test(text)) report('open');
    });
    socket.once('error', (error: NodeJS.ErrnoException) => report(error.code === 'ECONNREFUSED' ? 'refused' : 'reset'));
    socket.once('close', () => report('closed'));
  });
}
