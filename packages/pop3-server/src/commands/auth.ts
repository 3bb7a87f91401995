import type { Client } from '../client.ts';
import { logIn } from '../log-in.ts';
import { replies, type Answer } from '../replies.ts';

/** Strict base64 with padding. */
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** RFC 5034 4. Alone it lists the mechanisms, as Thunderbird asks before CAPA. */
export async function auth(argument: string, client: Client): Promise<Answer> {
  if (argument === '') return { kind: 'lines', text: 'Mechanisms follow', lines: client.mayLogIn ? ['PLAIN'] : [] };
  if (!client.mayLogIn) return replies.tlsFirst;
  const [mechanism = '', initial, ...more] = argument.split(' ');
  if (mechanism.toUpperCase() !== 'PLAIN') return replies.unknownMechanism;
  if (more.length > 0) return replies.usage('AUTH PLAIN, with the initial response or without');
  if (initial === undefined) return { kind: 'ask', answer: (line) => plain(line, client) };
  // RFC 5034 4: `=` is an empty initial response, which is no log-in.
  return await plain(initial === '=' ? '' : initial, client);
}

/** RFC 4616 2: for whom NUL as whom NUL password. */
async function plain(line: string, client: Client): Promise<Answer> {
  if (line === '*') return replies.cancelled;
  if (!BASE64.test(line)) return replies.badBase64;
  const [authorization = '', authentication = '', password, ...more] = Buffer.from(line, 'base64').toString().split('\0');
  // Logging in as one and acting as another is for proxies, and we know none.
  const isProxy = authorization !== '' && authorization !== authentication;
  const isLogIn = password !== undefined && more.length === 0 && !isProxy;
  return await logIn(isLogIn ? { address: authentication, password } : undefined, client);
}
