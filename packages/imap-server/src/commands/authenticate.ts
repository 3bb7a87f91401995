import type { Client, Command, Completion } from '../client.ts';
import { logIn } from '../log-in.ts';
import { no, replies } from '../replies.ts';
import { ConnectionOver } from '../wire/faults.ts';
import { utf8Of, type Scanner } from '../wire/scanner.ts';

/** One answer of a SASL exchange. */
const ANSWER_BYTES = 8 * 1024;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

type Answer = { readonly kind: 'text'; readonly text: string } | { readonly kind: 'end'; readonly completion: Completion };

/** RFC 9051 6.2.2, SASL-IR included (RFC 4959); PLAIN (RFC 4616) and the old LOGIN, which Outlook uses. */
export const authenticate: Command = {
  state: 'stranger',
  async run(args, client) {
    const { mechanism, initial } = readAuthenticate(args);
    if (mechanism !== 'PLAIN' && mechanism !== 'LOGIN') return no('No such mechanism', 'CANNOT');
    if (!client.mayLogIn) return replies.tlsFirst;
    return mechanism === 'PLAIN' ? await plain(client, initial) : await loginMechanism(client, initial);
  },
};

function readAuthenticate(args: Scanner): { readonly mechanism: string; readonly initial: string | undefined } {
  args.space();
  const mechanism = args.word();
  const initial = args.accept(' ') ? args.astring() : undefined;
  args.end();
  return { mechanism, initial };
}

async function plain(client: Client, initial: string | undefined): Promise<Completion> {
  const answer = initial === undefined ? await ask(client, '') : decode(initial);
  if (answer.kind === 'end') return answer.completion;
  const [identity, name, password, ...more] = answer.text.split('\0');
  if (identity === undefined || name === undefined || password === undefined || more.length > 0) return replies.wrongPassword;
  // RFC 4616 2: logging in as one and acting as another is for proxies, and we know none.
  if (identity !== '' && identity !== name) return replies.wrongPassword;
  return await logIn(client, { name, password });
}

async function loginMechanism(client: Client, initial: string | undefined): Promise<Completion> {
  const name = initial === undefined ? await ask(client, 'Username:') : decode(initial);
  if (name.kind === 'end') return name.completion;
  const password = await ask(client, 'Password:');
  return password.kind === 'end' ? password.completion : await logIn(client, { name: name.text, password: password.text });
}

async function ask(client: Client, question: string): Promise<Answer> {
  client.out.text(`+ ${Buffer.from(question).toString('base64')}\r\n`);
  await client.out.flush();
  const line = await client.in.line(ANSWER_BYTES);
  if (line === undefined) throw new ConnectionOver('The client is gone');
  const text = line.toString('latin1');
  return text === '*' ? { kind: 'end', completion: replies.cancelled } : decode(text);
}

function decode(base64: string): Answer {
  // RFC 4959 3: `=` is an answer without anything in it.
  if (base64 !== '=' && !BASE64.test(base64)) return { kind: 'end', completion: replies.badBase64 };
  const text = utf8Of(Buffer.from(base64, 'base64').toString('latin1'));
  return text === undefined ? { kind: 'end', completion: replies.wrongPassword } : { kind: 'text', text };
}
