import type { Client, LoggedIn } from './client.ts';
import { auth } from './commands/auth.ts';
import { capa } from './commands/capa.ts';
import { dele, rset } from './commands/dele.ts';
import { list, stat, uidl } from './commands/list.ts';
import { quit } from './commands/quit.ts';
import { retr, top } from './commands/retr.ts';
import { pass, user } from './commands/user.ts';
import { replies, type Answer } from './replies.ts';

type Run = (argument: string, client: Client) => Promise<Answer> | Answer;

const isAlone =
  (usage: string, run: (client: Client) => Promise<Answer> | Answer): Run =>
  (argument, client) =>
    argument.trim() === '' ? run(client) : replies.usage(usage);

const beforeLogIn =
  (run: Run): Run =>
  (argument, client) =>
    client.login ? replies.loggedIn : run(argument, client);

const afterLogIn =
  (run: (argument: string, at: { readonly login: LoggedIn; readonly client: Client }) => Promise<Answer> | Answer): Run =>
  (argument, client) =>
    client.login ? run(argument.trim(), { login: client.login, client }) : replies.logInFirst;

const aloneAfterLogIn = (usage: string, run: (login: LoggedIn) => Answer): Run =>
  afterLogIn((argument, { login }) => (argument === '' ? run(login) : replies.usage(usage)));

/** Every command, in any state. */
export const COMMANDS: ReadonlyMap<string, Run> = new Map([
  ['CAPA', isAlone('CAPA alone', capa)],
  ['QUIT', isAlone('QUIT alone', quit)],
  ['USER', beforeLogIn((argument, client) => user(argument.trim(), client))],
  ['PASS', beforeLogIn(pass)],
  ['AUTH', beforeLogIn((argument, client) => auth(argument.trim(), client))],
  [
    'STLS',
    beforeLogIn(isAlone('STLS alone', (client) => (client.isSecure ? replies.tlsAlready : { kind: 'ok', text: 'Begin TLS', next: 'tls' }))),
  ],
  // RFC 6856 2. Octets are what they are with it and without: 8-bit headers were always sent so, and a message that is refused is lost to its reader.
  ['UTF8', beforeLogIn(isAlone('UTF8 alone', () => replies.ok('UTF-8 it is')))],
  ['STAT', aloneAfterLogIn('STAT alone', ({ maildrop }) => stat(maildrop))],
  ['LIST', afterLogIn((argument, { login }) => list(argument, login.maildrop))],
  ['UIDL', afterLogIn((argument, { login }) => uidl(argument, login.maildrop))],
  ['RETR', afterLogIn(retr)],
  ['TOP', afterLogIn(top)],
  ['DELE', afterLogIn((argument, { login }) => dele(argument, login.maildrop))],
  ['RSET', aloneAfterLogIn('RSET alone', ({ maildrop }) => rset(maildrop))],
  ['NOOP', aloneAfterLogIn('NOOP alone', () => replies.ok('Still here'))],
]);
