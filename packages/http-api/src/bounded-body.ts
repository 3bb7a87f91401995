import type { AppContext } from './app-env.ts';
import { HttpProblem } from './problem.ts';

/** The body's chunks, of at most so many octets; the length that the client names is not believed. @throws `tooLarge()` */
export async function* boundedBody(c: AppContext, mostBytes: number, tooLarge: () => Error): AsyncGenerator<Buffer> {
  const named = Number(c.req.header('content-length') ?? 0);
  if (named > mostBytes) throw tooLarge();
  if (c.req.header('content-encoding') !== undefined) throw new HttpProblem(415, 'Send the body as it is, without Content-Encoding');
  const { body } = c.req.raw;
  if (body === null) return;
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > mostBytes) throw tooLarge();
    yield Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length);
  }
}

export async function bodyBytes(c: AppContext, mostBytes: number, tooLarge: () => Error): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of boundedBody(c, mostBytes, tooLarge)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

export function payloadTooLarge(mostBytes: number): HttpProblem {
  return new HttpProblem(413, `The request is larger than ${mostBytes} bytes`);
}
