import { createSocket } from 'node:dgram';

const RESPONSE_NAME_ERROR = 0x8183;

/** A DNS server that knows no name (NXDOMAIN, RFC 1035 4.1.1): no domain has a policy. */
export async function startEmptyDns(): Promise<{ readonly port: number } & Disposable> {
  const socket = createSocket('udp4');
  socket.on('message', (query, from) => {
    const answer = Buffer.from(query);
    answer.writeUInt16BE(RESPONSE_NAME_ERROR, 2);
    // Only the question goes back: what a client adds for EDNS is not.
    answer.writeUInt32BE(0, 6);
    answer.writeUInt16BE(0, 10);
    socket.send(answer.subarray(0, endOfQuestion(query)), from.port, from.address);
  });
  await new Promise<void>((done) => {
    socket.bind(0, '127.0.0.1', done);
  });
  return { port: socket.address().port, [Symbol.dispose]: () => void socket.close() };
}

function endOfQuestion(query: Buffer): number {
  let at = 12;
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) at += length + 1;
  return at + 5;
}
