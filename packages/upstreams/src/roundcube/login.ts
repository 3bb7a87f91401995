/*
 * Logging in (Roundcube 1.6): the login page gives a cookie and a token, the form is posted, a 302 leads to the first page, whose
 * scripts hold everything about the session. A failure is HTTP 401 and a text; nothing but that text tells a wrong password from a storage that is down.
 */
import type { LoginCredential } from '@stopgap/core';
import { isRecord, type Answer } from './answer.ts';
import { roundcubeError } from './errors.ts';
import { isLoginPage, loginForm, readPage, type Form, type Page } from './page.ts';
import { textOf, type Web, type WebReply } from './web.ts';

const MOST_REDIRECTS = 4;
const MOST_FOLDERS = 10_000;

export interface Folder {
  /** The IMAP name in modified UTF-7, as every request wants it. */
  readonly id: string;
  readonly name: string;
  readonly role?: 'inbox' | 'drafts' | 'sent' | 'junk' | 'trash';
  readonly selectable: boolean;
}

/** What the first page after the log-in says. */
export interface Welcome {
  /** Every further request goes here, with `_task` and `_action`. */
  readonly endpoint: URL;
  readonly token: string;
  readonly folders: readonly Folder[];
  readonly delimiter: string;
  /** The largest upload; undefined: it did not say. */
  readonly largestUploadBytes: number | undefined;
}

/** The login form, wherever redirects inside of the origin lead. */
export async function openLoginPage(web: Web, base: URL, signal: AbortSignal): Promise<{ page: Page; form: Form; url: URL }> {
  const { page, url } = await readThrough(web, base, signal);
  const form = loginForm(page);
  if (form === undefined)
    throw roundcubeError('unintelligible', `There is no Roundcube login form at ${base.href}.`, { host: base.hostname });
  return { page, form, url };
}

export async function logIn(web: Web, base: URL, credential: LoginCredential, signal: AbortSignal): Promise<Welcome> {
  const { form, url } = await openLoginPage(web, base, signal);
  const fields = new URLSearchParams();
  for (const field of form.fields) fields.set(field.name, field.value);
  for (const select of form.selects)
    fields.set(select.name, select.options.find((option) => option.selected)?.value ?? select.options[0]?.value ?? '');
  fields.set('_task', 'login');
  fields.set('_action', 'login');
  // Dates in folders and lists are the user's matter; ours come from the messages.
  fields.set('_timezone', 'UTC');
  fields.set('_url', '');
  fields.set('_user', credential.username);
  fields.set('_pass', credential.password.open());
  const bytes = fields.toString();
  const body = { type: 'application/x-www-form-urlencoded', bytes, length: Buffer.byteLength(bytes) };
  const reply = await web.send({ method: 'POST', url: new URL(form.action, url), body, signal });
  const target = web.redirectTarget(reply);
  if (target === undefined) throw await loginFailure(reply, signal);
  reply.body.resume();
  const first = await readThrough(web, target, signal);
  if (isLoginPage(first.page)) throw roundcubeError('login-undecided', 'The webmail showed its login page again without a reason.');
  return readWelcome(first.page, first.url);
}

async function readThrough(web: Web, start: URL, signal: AbortSignal): Promise<{ page: Page; url: URL }> {
  let url = start;
  for (let hop = 0; hop <= MOST_REDIRECTS; hop++) {
    const reply = await web.send({ method: 'GET', url, signal });
    const target = web.redirectTarget(reply);
    if (target === undefined) {
      const text = await textOf(reply, signal);
      if (reply.status !== 200) throw unexpectedStatus(reply);
      return { page: readPage(text), url };
    }
    reply.body.resume();
    url = target;
  }
  throw roundcubeError('unintelligible', 'The webmail redirects in circles.', { host: start.hostname });
}

export function unexpectedStatus(reply: WebReply): Error {
  const text = `The webmail answered with HTTP status ${reply.status}.`;
  // A proxy in front of a webmail that is gone.
  const gone = reply.status >= 502 && reply.status <= 504;
  if (reply.status === 413) return roundcubeError('too-big', text, { host: reply.url.hostname });
  return roundcubeError('unintelligible', text, { host: reply.url.hostname, ...(gone ? { class: 'connect' as const } : {}) });
}

/** English, because we ask for it. Everything that is not here is undecided: a person's password is not wrong because a text is new. */
const REFUSED = new Set(['login failed', 'login failed!']);
const PAUSED = new Set(['too many failed login attempts. try again later']);

async function loginFailure(reply: WebReply, signal: AbortSignal): Promise<Error> {
  const page = readPage(await textOf(reply, signal));
  const host = reply.url.hostname;
  if (!isLoginPage(page)) return reply.status === 200 || reply.status === 401 ? notTheForm(host) : unexpectedStatus(reply);
  const said = page.messages.find((message) => message.type === 'warning' || message.type === 'error')?.text ?? '';
  const known = said.trim().toLowerCase().replace(/\.$/, '');
  if (REFUSED.has(known)) return roundcubeError('login-refused', `The webmail refused the log-in: ${said}`, { host });
  // It counts by person (login_rate_limit): nobody else is asked to slow down.
  if (PAUSED.has(known)) return roundcubeError('login-undecided', `The webmail pauses log-ins: ${said}`, { host, class: 'auth' });
  return roundcubeError(
    'login-undecided',
    said === '' ? 'The webmail did not let us in and gave no reason.' : `The webmail did not let us in: ${said}`,
    { host },
  );
}

function notTheForm(host: string): Error {
  return roundcubeError('unintelligible', 'The webmail answered the log-in with a page that is not its own.', { host });
}

function readWelcome(page: Page, url: URL): Welcome {
  const token = page.env['request_token'];
  if (typeof token !== 'string' || token === '')
    throw roundcubeError('unintelligible', 'The webmail gave no request token after the log-in.');
  return {
    endpoint: endpointOf(page, url),
    token,
    folders: foldersOf(page),
    delimiter: text(page.env['delimiter']) || '/',
    largestUploadBytes: positive(page.env['max_filesize']),
  };
}

/** `comm_path` also knows a token in the path (`use_secure_urls`). */
function endpointOf(page: Page, url: URL): URL {
  const path = text(page.env['comm_path']);
  const endpoint = URL.canParse(path, url) ? new URL(path, url) : new URL(url);
  if (endpoint.origin !== url.origin) throw roundcubeError('redirect-refused', 'The webmail names another place for its requests.');
  endpoint.search = '';
  endpoint.hash = '';
  return endpoint;
}

const ROLES = ['inbox', 'drafts', 'sent', 'junk', 'trash'] as const;

function foldersOf(page: Answer): Folder[] {
  const mailboxes = page.env['mailboxes'];
  if (!isRecord(mailboxes)) throw roundcubeError('unintelligible', 'The webmail did not list its folders after the log-in.');
  const roleOf = (id: string, entry: Record<string, unknown>) =>
    ROLES.find((role) => entry['class'] === role) ??
    (id === page.env['drafts_mailbox'] ? 'drafts' : id === page.env['trash_mailbox'] ? 'trash' : undefined);
  return Object.entries(mailboxes)
    .slice(0, MOST_FOLDERS)
    .flatMap(([id, entry]) => {
      if (!isRecord(entry)) return [];
      const role = roleOf(id, entry);
      return [{ id, name: text(entry['name']) || id, selectable: entry['virtual'] !== true, ...(role === undefined ? {} : { role }) }];
    });
}

function positive(value: unknown): number | undefined {
  return typeof value === 'number' && value > 0 ? value : undefined;
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
