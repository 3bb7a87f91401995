import type { Socket } from 'node:net';

/** A server's first line is short; more without a line end is no mail server. */
const LONGEST_GREETING = 4096;

/** The first line that a server says, without its line end. Closes the socket. Rejects when none comes in time, or too much. */
export async function readGreeting(socket: Socket, signal: AbortSignal, timeoutMs: number): Promise<string> {
  const lines = lineReader(socket, AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]));
  try {
    return await lines();
  } finally {
    socket.destroy();
  }
}

/** Reads a socket line by line, each bounded; rejects at its end, its error, or when `signal` aborts. One read at a time. */
export function lineReader(socket: Socket, signal: AbortSignal): () => Promise<string> {
  let rest = '';
  let failure: Error | undefined;
  let wake: () => void = () => undefined;
  const fail = (error: Error) => {
    failure ??= error;
    wake();
  };
  socket.on('data', (chunk: Buffer) => {
    rest += chunk.toString('latin1');
    if (rest.length > LONGEST_GREETING && !rest.includes('\n')) fail(new Error('the server sent a line without end'));
    wake();
  });
  socket.on('error', fail);
  socket.on('close', () => fail(Object.assign(new Error('the server closed the connection'), { code: 'ECONNRESET' })));
  const onAbort = () => fail(Object.assign(new Error('no answer in time'), { code: 'ETIMEDOUT' }));
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
  return async () => {
    for (;;) {
      const end = rest.indexOf('\n');
      if (end >= 0) {
        const line = rest.slice(0, end).replace(/\r$/, '');
        rest = rest.slice(end + 1);
        return line.replaceAll(/[\u0000-\u001f\u007f-\u009f]/g, ' ');
      }
      if (failure) throw failure;
      await new Promise<void>((done) => {
        wake = done;
      });
    }
  };
}
