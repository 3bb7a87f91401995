/*
 * A submission server that behaves, and misbehaves step by step as it is told: each step of the conversation is a word of a script, and what the
 * script leaves out goes well. It records all that the client said.
 */
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { HostileTalk, type Certificate } from './hostile-smtp-talk.ts';

export type Step = 'banner' | 'ehlo' | 'helo' | 'starttls' | 'auth' | 'mail' | 'rcpt' | 'data' | 'dot' | 'rset' | 'quit' | 'unknown';
/** What is written, with its line end if it has none; undefined: nothing (the step has done it itself, or stalls). */
export type Says = string | ((talk: HostileTalk, line: string) => string | undefined | Promise<string | undefined>);
export type Script = Partial<Readonly<Record<Step, Says>>>;

export interface HostileSmtpOptions {
  readonly script?: Script;
  /** Keywords after EHLO. STARTTLS is added where there is a certificate and no TLS yet. */
  readonly offers?: readonly string[];
  readonly certificate?: Certificate;
}

export interface HostileSmtp extends AsyncDisposable {
  readonly port: number;
  readonly talks: readonly HostileTalk[];
  /** May be changed while it runs. */
  script: Script;
  /** Whole messages, dots still doubled, of all connections. */
  messages(): Buffer[];
}

export const STANDARD_OFFERS: readonly string[] = ['PIPELINING', 'SIZE 10000000', '8BITMIME', 'SMTPUTF8', 'DSN', 'AUTH PLAIN LOGIN'];

const WELL: Readonly<Record<Exclude<Step, 'ehlo' | 'auth'>, string>> = {
  banner: '220 hostile.test ESMTP',
  helo: '250 hostile.test',
  starttls: '220 2.0.0 go ahead',
  mail: '250 2.1.0 ok',
  rcpt: '250 2.1.5 ok',
  data: '354 end with a dot',
  dot: '250 2.0.0 taken',
  rset: '250 2.0.0 forgotten',
  quit: '221 2.0.0 bye',
  unknown: '500 5.5.2 what?',
};

export async function startHostileSmtp(options: HostileSmtpOptions = {}): Promise<HostileSmtp> {
  const talks: HostileTalk[] = [];
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    const talk = new HostileTalk(socket);
    talks.push(talk);
    void converse(talk, options, () => hostile.script);
  });
  const hostile: HostileSmtp = {
    port: await listen(server),
    talks,
    script: options.script ?? {},
    messages: () => talks.flatMap((talk) => talk.messages),
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return hostile;
}

/** Never rejects, unless a script does. */
async function converse(talk: HostileTalk, options: HostileSmtpOptions, script: () => Script): Promise<void> {
  const say = async (step: Step, line: string): Promise<string> => {
    const words = script()[step] ?? well(step, options);
    const text = typeof words === 'string' ? words : await words(talk, line);
    if (text !== undefined) talk.write(text.endsWith('\n') ? text : `${text}\r\n`);
    return text ?? '';
  };
  await say('banner', '');
  for (let line = await talk.nextLine(); line !== undefined; line = await talk.nextLine()) {
    talk.commands.push(line);
    const step = stepOf(line);
    const answer = await say(step, line);
    if (step === 'starttls' && answer.startsWith('220') && options.certificate) talk.startTls(options.certificate);
    if (step === 'quit') talk.hangUp();
    if (step !== 'data' || !answer.startsWith('354')) continue;
    const message = await talk.nextMessage();
    if (message === undefined) return;
    talk.messages.push(message);
    await say('dot', '');
  }
  talk.hangUp();
}

function well(step: Step, options: HostileSmtpOptions): Says {
  if (step === 'auth') return logIn;
  if (step !== 'ehlo') return WELL[step];
  return (talk) => {
    const startTls = options.certificate && !talk.isSecure ? ['STARTTLS'] : [];
    return ['250-hostile.test', ...[...(options.offers ?? STANDARD_OFFERS), ...startTls].map((offer) => `250-${offer}`), '250 HELP'].join(
      '\r\n',
    );
  };
}

/** Everybody gets in. */
async function logIn(talk: HostileTalk, line: string): Promise<string> {
  const questions = /^AUTH LOGIN$/i.test(line) ? ['334 VXNlcm5hbWU6', '334 UGFzc3dvcmQ6'] : [];
  for (const question of questions) {
    talk.write(`${question}\r\n`);
    talk.commands.push((await talk.nextLine()) ?? '');
  }
  return '235 2.7.0 welcome';
}

function stepOf(line: string): Step {
  const [verb = ''] = line.toLowerCase().split(' ');
  switch (verb) {
    case 'ehlo':
    case 'helo':
    case 'starttls':
    case 'auth':
    case 'mail':
    case 'rcpt':
    case 'data':
    case 'rset':
    case 'quit':
      return verb;
    default:
      return 'unknown';
  }
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return (server.address() as AddressInfo).port;
}
