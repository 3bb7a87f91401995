import { createSocket } from 'node:dgram';

/** RFC 1035 4.1.1: a response, recursion desired and available. */
const ANSWER = 0x8180;
const NXDOMAIN = 3;
const TXT = 16;
const IN = 1;
const TTL_S = 60;
const HEADER_BYTES = 12;

export interface NameServer extends AsyncDisposable {
  /** For `dns: { servers: [...] }`. */
  readonly address: string;
  /** TXT records by name, and no others. Undefined: it does not answer at all. */
  say(records: Readonly<Record<string, string>> | undefined): void;
  asked(): number;
}

/** The whole DNS of a scenario, over UDP. */
export async function startNameServer(): Promise<NameServer> {
  let known: Readonly<Record<string, string>> | undefined = {};
  let asked = 0;
  const socket = createSocket('udp4');
  socket.on('message', (query, from) => {
    asked += 1;
    if (known) socket.send(answerTo(query, known), from.port, from.address);
  });
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  return {
    address: `127.0.0.1:${socket.address().port}`,
    say: (records) => (known = records),
    asked: () => asked,
    async [Symbol.asyncDispose]() {
      await new Promise<void>((resolve) => socket.close(resolve));
    },
  };
}

function answerTo(query: Buffer, known: Readonly<Record<string, string>>): Buffer {
  const { name, end } = readName(query);
  const question = query.subarray(HEADER_BYTES, end + 4);
  const text = query.readUInt16BE(end) === TXT ? known[name] : undefined;
  const head = Buffer.alloc(HEADER_BYTES);
  query.copy(head, 0, 0, 2);
  head.writeUInt16BE(ANSWER | (name in known ? 0 : NXDOMAIN), 2);
  head.writeUInt16BE(1, 4);
  head.writeUInt16BE(text === undefined ? 0 : 1, 6);
  return Buffer.concat([head, question, ...(text === undefined ? [] : [txtRecord(text)])]);
}

function readName(query: Buffer): { name: string; end: number } {
  const labels: string[] = [];
  let at = HEADER_BYTES;
  for (let length = query.readUInt8(at); length > 0; length = query.readUInt8(at)) {
    labels.push(query.subarray(at + 1, at + 1 + length).toString('latin1'));
    at += 1 + length;
  }
  return { name: labels.join('.').toLowerCase(), end: at + 1 };
}

/** The name is a pointer to the question's (RFC 1035 4.1.4). */
function txtRecord(text: string): Buffer {
  const fixed = Buffer.alloc(13);
  fixed.writeUInt16BE(0xc000 | HEADER_BYTES, 0);
  fixed.writeUInt16BE(TXT, 2);
  fixed.writeUInt16BE(IN, 4);
  fixed.writeUInt32BE(TTL_S, 6);
  fixed.writeUInt16BE(text.length + 1, 10);
  fixed.writeUInt8(text.length, 12);
  return Buffer.concat([fixed, Buffer.from(text, 'latin1')]);
}
