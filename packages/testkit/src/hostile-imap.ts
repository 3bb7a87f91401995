/*
 * An IMAP server with one mailbox that behaves, and misbehaves command by command as it is told: what the script leaves out goes well. It records all
 * that the client said.
 */
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { HostileTalk, type Certificate } from './hostile-smtp-talk.ts';

export interface ImapCommand {
  readonly tag: string;
  /** Upper case; `UID FETCH` is one word. */
  readonly verb: string;
  readonly rest: string;
}

/** What is written, with its line end if it has none, `$tag` standing for the tag; undefined: nothing (it has been done, or the server stalls). */
export type ImapSays = string | ((talk: HostileTalk, command: ImapCommand) => string | undefined | Promise<string | undefined>);
/** By verb; `greeting` comes before all commands. */
export type ImapScript = Readonly<Record<string, ImapSays>>;

export interface HostileImapMessage {
  readonly uid: number;
  readonly bytes: Buffer;
  readonly flags?: string;
}

export interface HostileImapOptions {
  readonly script?: ImapScript;
  readonly capabilities?: readonly string[];
  /** STARTTLS is offered when there is one. */
  readonly certificate?: Certificate;
  readonly messages?: readonly HostileImapMessage[];
}

export interface HostileImap extends AsyncDisposable {
  readonly port: number;
  readonly talks: readonly HostileTalk[];
  /** May be changed while it runs. */
  script: ImapScript;
  messages: readonly HostileImapMessage[];
}

export async function startHostileImap(options: HostileImapOptions = {}): Promise<HostileImap> {
  const talks: HostileTalk[] = [];
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    const talk = new HostileTalk(socket);
    talks.push(talk);
    void converse(talk, options, hostile);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const hostile: HostileImap = {
    port: (server.address() as AddressInfo).port,
    talks,
    script: options.script ?? {},
    messages: options.messages ?? [],
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return hostile;
}

/** Never rejects, unless a script does. */
async function converse(talk: HostileTalk, options: HostileImapOptions, hostile: HostileImap): Promise<void> {
  const say = async (key: string, command: ImapCommand): Promise<string> => {
    const words = hostile.script[key] ?? well(command, options, hostile);
    const text = typeof words === 'string' ? words : await words(talk, command);
    const said = text?.replaceAll('$tag', command.tag) ?? '';
    if (said !== '') talk.write(Buffer.from(said.endsWith('\n') ? said : `${said}\r\n`, 'latin1'));
    return said;
  };
  await say('greeting', { tag: '*', verb: 'greeting', rest: '' });
  for (let line = await talk.nextLine(); line !== undefined; line = await talk.nextLine()) {
    talk.commands.push(line);
    const command = commandOf(line);
    const said = await say(command.verb, command);
    if (command.verb === 'STARTTLS' && said.includes(' OK') && options.certificate) talk.startTls(options.certificate);
    if (command.verb === 'LOGOUT') talk.hangUp();
  }
}

function commandOf(line: string): ImapCommand {
  const [, tag = '*', verb = '', rest = ''] = /^(\S+) (UID \S+|\S+) ?(.*)$/s.exec(line) ?? [];
  return { tag, verb: verb.toUpperCase(), rest };
}

function well(command: ImapCommand, options: HostileImapOptions, { messages }: HostileImap): ImapSays {
  const capabilities = ['IMAP4rev1', ...(options.capabilities ?? []), ...(options.certificate ? ['STARTTLS'] : [])].join(' ');
  const uidNext = Math.max(0, ...messages.map((message) => message.uid)) + 1;
  switch (command.verb) {
    case 'greeting':
      return '* OK hostile';
    case 'CAPABILITY':
      return `* CAPABILITY ${capabilities}\r\n$tag OK done`;
    case 'NAMESPACE':
      return '* NAMESPACE (("" "/")) NIL NIL\r\n$tag OK done';
    case 'LIST':
      return '* LIST () "/" INBOX\r\n$tag OK done';
    case 'LSUB':
      return '* LSUB () "/" INBOX\r\n$tag OK done';
    case 'STATUS':
      return `* STATUS INBOX (MESSAGES ${messages.length} UIDVALIDITY 7 UIDNEXT ${uidNext} HIGHESTMODSEQ 9)\r\n$tag OK done`;
    case 'SELECT':
    case 'EXAMINE':
      return `* ${messages.length} EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n* OK [UIDNEXT ${uidNext}] x\r\n* OK [HIGHESTMODSEQ 9] x\r\n$tag OK done`;
    case 'UID FETCH':
      return `${fetched(command.rest, messages)}$tag OK done`;
    case 'UID SEARCH':
      return `* SEARCH ${within(/UID (\S+)/.exec(command.rest)?.[1] ?? '1:*', messages)
        .map(({ uid }) => uid)
        .join(' ')}\r\n$tag OK done`;
    default:
      return '$tag OK done';
  }
}

function within(set: string, messages: readonly HostileImapMessage[]): readonly HostileImapMessage[] {
  const ranges = set.split(',').map((part) => part.split(':').map((end) => (end === '*' ? Infinity : Number(end))));
  return messages.filter(({ uid }) => ranges.some(([from = 0, to = from]) => uid >= from && uid <= to));
}

/** The FETCH lines that a decent server gives, octets as latin1. */
export function fetched(rest: string, messages: readonly HostileImapMessage[]): string {
  const lines = within(rest.split(' ')[0] ?? '', messages).map((message) => {
    const items = [`UID ${message.uid}`];
    if (rest.includes('FLAGS')) items.push(`FLAGS (${message.flags ?? ''})`);
    if (rest.includes('RFC822.SIZE')) items.push(`RFC822.SIZE ${message.bytes.length}`);
    const body = /BODY\.PEEK\[\](?:<(\d+)\.(\d+)>)?/.exec(rest);
    if (body !== null) {
      const from = Number(body[1] ?? 0);
      const bytes = message.bytes.subarray(from, body[2] === undefined ? undefined : from + Number(body[2]));
      items.push(`BODY[]${body[1] === undefined ? '' : `<${from}>`} {${bytes.length}}\r\n${bytes.toString('latin1')}`);
    }
    return `* ${messages.indexOf(message) + 1} FETCH (${items.join(' ')})\r\n`;
  });
  return lines.join('');
}
