import type { Readable } from 'node:stream';
import { MailError, type LoginCredential, type Reason } from '@stopgap/core';
import type { Dispatcher } from 'undici';
import { firstError, readJsonAnswer, saysSessionLost, type Answer } from './answer.ts';
import { hasCode, reasonOf, roundcubeError } from './errors.ts';
import { logIn, unexpectedStatus, type Folder, type Welcome } from './login.ts';
import { isLoginPage, readPage, type Page } from './page.ts';
import { REQUEST_DEADLINE_MS, Web, bytesOf, discard, textOf, type WebReply } from './web.ts';

/** Roundcube locks a person out after 3 failures in a minute; ours must not be among them. */
const MOST_FAILED_LOGINS = 2;
/** A session that ends again at once must not become a loop. */
const MOST_LOGINS = 10;
const LOGIN_WINDOW_MS = 60_000;

export type Parameters = Readonly<Record<string, string>>;

export interface Ask {
  readonly action: string;
  readonly task?: string;
  readonly parameters?: Parameters;
  readonly signal: AbortSignal;
  readonly deadlineMs?: number;
}

export interface Upload extends Ask {
  readonly type: string;
  readonly length: number;
  /** Called again when the session had to be renewed. */
  readonly open: () => Readable;
}

export type Download =
  | {
      readonly kind: 'bytes';
      readonly bytes: AsyncGenerator<Buffer>;
      /** As it was announced; a body that ends before it is an error. Undefined: it was not. */
      readonly lengthBytes?: number;
    }
  | { readonly kind: 'page'; readonly page: Page };

export interface SessionOptions {
  readonly base: URL;
  readonly dispatcher: Dispatcher;
  readonly nowMs: () => number;
}

/**
 * One log-in on one webmail. A request that Roundcube turned away before doing anything (session over, token unknown) is made once more after
 * a new log-in; every other failure is thrown as it is, for only the caller knows whether a second try does harm.
 */
export class RoundcubeSession {
  readonly #options: SessionOptions;
  #web: Web;
  #welcome: Welcome | undefined;
  #credential: (() => Promise<LoginCredential | undefined>) | undefined;
  #renewal: Promise<void> | undefined;
  #renewals = 0;
  #logins: { readonly atMs: number; readonly failure?: Reason }[] = [];

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#web = new Web(options.base, options.dispatcher);
  }

  get host(): string {
    return this.#options.base.hostname;
  }

  get isOpen(): boolean {
    return this.#welcome !== undefined;
  }

  /** Another number: what the webmail kept in its session is gone. */
  get renewals(): number {
    return this.#renewals;
  }

  get folders(): readonly Folder[] {
    return this.#welcome?.folders ?? [];
  }

  /** A mailbox that was made or found since the log-in. */
  learnFolder(folder: Folder): void {
    if (this.#welcome !== undefined) this.#welcome = { ...this.#welcome, folders: [...this.#welcome.folders, folder] };
  }

  get largestUploadBytes(): number {
    return this.#welcome?.largestUploadBytes ?? Number.POSITIVE_INFINITY;
  }

  get delimiter(): string {
    return this.#welcome?.delimiter ?? '/';
  }

  /** Logs in unless that was done already. The credential is kept only as the way to open it again. */
  async open(credential: () => Promise<LoginCredential | undefined>, signal: AbortSignal): Promise<void> {
    this.#credential = credential;
    if (this.#welcome === undefined) await this.#logIn(signal);
  }

  /** An XMLHttpRequest that reads. */
  look(ask: Ask): Promise<Answer> {
    return this.#renewing(ask.signal, async () => {
      const url = this.#url(ask, { ...ask.parameters, _remote: '1' });
      return this.#readJson(await this.#web.send({ method: 'GET', url, headers: this.#xhrHeaders(), ...limits(ask) }), ask.signal);
    });
  }

  /** An XMLHttpRequest that changes something. */
  change(ask: Ask): Promise<Answer> {
    return this.#renewing(ask.signal, async () => {
      const body = formBody({ ...ask.parameters, _remote: '1', _token: this.#open().token });
      return this.#readJson(
        await this.#web.send({ method: 'POST', url: this.#url(ask), headers: this.#xhrHeaders(), body, ...limits(ask) }),
        ask.signal,
      );
    });
  }

  /** A multipart XMLHttpRequest; `X-Roundcube-Request` carries the token. */
  upload(upload: Upload): Promise<Answer> {
    return this.#renewing(upload.signal, async () => {
      const body = { type: upload.type, bytes: upload.open(), length: upload.length };
      const url = this.#url(upload, { ...upload.parameters, _remote: '1' });
      return this.#readJson(
        await this.#web.send({ method: 'POST', url, headers: this.#xhrHeaders(), body, ...limits(upload) }),
        upload.signal,
      );
    });
  }

  /** A form posted as from inside of a frame: the actions that know no XMLHttpRequest. */
  submit(ask: Ask): Promise<Answer> {
    return this.#renewing(ask.signal, async () => {
      const body = formBody({ ...ask.parameters, _framed: '1', _token: this.#open().token });
      return this.#readPage(
        await this.#web.send({ method: 'POST', url: this.#url(ask, { _framed: '1' }), body, ...limits(ask) }),
        ask.signal,
      );
    });
  }

  /** A whole page; at most one redirect. */
  page(ask: Ask): Promise<{ page: Page; url: URL }> {
    return this.#renewing(ask.signal, async () => {
      let reply = await this.#web.send({ method: 'GET', url: this.#url(ask, ask.parameters), ...limits(ask) });
      const target = this.#web.redirectTarget(reply);
      if (target !== undefined) {
        discard(reply);
        reply = await this.#web.send({ method: 'GET', url: target, ...limits(ask) });
      }
      return { page: await this.#readPage(reply, ask.signal), url: reply.url };
    });
  }

  /** A download. The reply's type is checked, for an expired session gives the login page instead, with status 200. */
  async download(ask: Ask): Promise<Download & { readonly kind: 'bytes' }> {
    const got = await this.#renewing(ask.signal, async () => {
      const parameters = { ...ask.parameters, _token: this.#open().token };
      return this.#readDownload(await this.#web.send({ method: 'GET', url: this.#url(ask, parameters), ...limits(ask) }), ask.signal);
    });
    if (got.kind === 'bytes') return got;
    throw roundcubeError('void', 'The webmail did not give the message.', { host: this.host });
  }

  /** A download that a form asks for. A page instead of it is given back: it may say why. */
  downloadByForm(ask: Ask): Promise<Download> {
    return this.#renewing(ask.signal, async () => {
      const body = formBody({ ...ask.parameters, _token: this.#open().token });
      return this.#readDownload(await this.#web.send({ method: 'POST', url: this.#url(ask), body, ...limits(ask) }), ask.signal);
    });
  }

  async keepAlive(signal: AbortSignal): Promise<void> {
    await this.change({ action: 'keep-alive', signal });
  }

  /** Logs out as well as it can; the session is unusable until it is opened again. */
  async close(signal: AbortSignal): Promise<void> {
    const welcome = this.#welcome;
    if (welcome === undefined) return;
    this.#welcome = undefined;
    const url = new URL(welcome.endpoint);
    url.search = new URLSearchParams({ _task: 'logout', _token: welcome.token }).toString();
    try {
      discard(await this.#web.send({ method: 'GET', url, signal, deadlineMs: 10_000 }));
    } catch (error) {
      // A session that is not ended ends by itself after some minutes.
      if (!(error instanceof MailError)) throw error;
    }
  }

  async #renewing<T>(signal: AbortSignal, request: () => Promise<T>): Promise<T> {
    const before = this.#welcome;
    try {
      return await request();
    } catch (error) {
      if (!hasCode(error, 'session-lost', 'token-refused')) throw error;
      // Of several requests that met the end of the session one logs in, and the others wait for it.
      if (this.#welcome === before || this.#welcome === undefined) {
        this.#welcome = undefined;
        this.#renewal ??= this.#logIn(signal).finally(() => (this.#renewal = undefined));
        await this.#renewal;
        this.#renewals++;
      }
      return await request();
    }
  }

  async #logIn(signal: AbortSignal): Promise<void> {
    this.#checkPace();
    const credential = await this.#credential?.();
    if (credential === undefined)
      throw roundcubeError('login-refused', 'There is no password to log in to the webmail with.', { host: this.host });
    // A wrong cookie would end the new session as well (Roundcube 1.6 check_auth), so it starts from none.
    this.#web = new Web(this.#options.base, this.#options.dispatcher);
    const atMs = this.#options.nowMs();
    try {
      this.#welcome = await logIn(this.#web, this.#options.base, credential, signal);
      this.#logins.push({ atMs });
    } catch (error) {
      if (hasCode(error, 'login-refused', 'login-undecided')) this.#logins.push({ atMs, failure: reasonOf(error) });
      throw error;
    }
  }

  #checkPace(): void {
    const since = this.#options.nowMs() - LOGIN_WINDOW_MS;
    this.#logins = this.#logins.filter((login) => login.atMs > since);
    const failures = this.#logins.flatMap((login) => login.failure ?? []);
    if (failures.length < MOST_FAILED_LOGINS && this.#logins.length < MOST_LOGINS) return;
    // Of the class of what happened: it is this person's log-in that waits, and no sign that the webmail is busy.
    const last = failures.at(-1);
    const text = `The next log-in waits a minute.${last ? ` ${last.text}` : ''}`;
    throw roundcubeError('login-paused', text, { host: this.host, class: last?.class ?? 'protocol' });
  }

  #open(): Welcome {
    if (this.#welcome === undefined) throw roundcubeError('session-lost', 'The session is not open.', { host: this.host });
    return this.#welcome;
  }

  #url(ask: Ask, parameters: Parameters = {}): URL {
    const url = new URL(this.#open().endpoint);
    url.search = new URLSearchParams({ _task: ask.task ?? 'mail', _action: ask.action, ...parameters }).toString();
    return url;
  }

  #xhrHeaders(): Record<string, string> {
    return {
      'x-requested-with': 'XMLHttpRequest',
      'x-roundcube-request': this.#open().token,
      accept: 'application/json, text/javascript, */*; q=0.01',
    };
  }

  async #readJson(reply: WebReply, signal: AbortSignal): Promise<Answer> {
    const text = await textOf(reply, signal);
    if (reply.status === 403 && text.trim() === 'Invalid Request') throw this.#tokenRefused();
    if (reply.status !== 200) throw unexpectedStatus(reply);
    if (reply.contentType.startsWith('text/html')) this.#judgePage(readPage(text));
    const answer = readJsonAnswer(text);
    if (saysSessionLost(answer)) throw this.#sessionLost();
    // `disabled_actions`; these words of Roundcube's are not localised.
    const error = firstError(answer)?.text ?? '';
    if (error.startsWith('Application Error (404)'))
      throw roundcubeError('unavailable', `This webmail does not allow it: ${error}`, { host: this.host });
    return answer;
  }

  async #readDownload(reply: WebReply, signal: AbortSignal): Promise<Download> {
    if (reply.contentType.startsWith('text/html')) return { kind: 'page', page: await this.#readPage(reply, signal) };
    if (reply.status !== 200 || !isAttachment(reply)) {
      discard(reply);
      throw roundcubeError('void', 'The webmail gave something else than a download.', { host: this.host });
    }
    const length = Number(reply.headers['content-length']);
    const known = Number.isSafeInteger(length) ? { lengthBytes: length } : {};
    return { kind: 'bytes', bytes: bytesOf(reply, signal), ...known };
  }

  async #readPage(reply: WebReply, signal: AbortSignal): Promise<Page> {
    const text = await textOf(reply, signal);
    if (reply.status !== 200) {
      if (reply.status === 403) this.#judgePage(readPage(text));
      throw unexpectedStatus(reply);
    }
    const page = readPage(text);
    this.#judgePage(page);
    return page;
  }

  /** A page asked for in a frame says that the session is over by a call alone, without the login form. */
  #judgePage(page: Page): void {
    if (isLoginPage(page) || saysSessionLost(page)) throw this.#sessionLost();
    if (page.env['server_error'] === 403) throw this.#tokenRefused();
  }

  #sessionLost(): MailError {
    return roundcubeError('session-lost', 'The webmail ended the session.', { host: this.host });
  }

  #tokenRefused(): MailError {
    return roundcubeError('token-refused', 'The webmail refused the request token.', { host: this.host });
  }
}

/** Any answer with an error in it says nothing about the mail: while the storage is down, a list is an error and 0 messages. */
export function demandSound(answer: Answer, host: string): Answer {
  const error = firstError(answer);
  if (error !== undefined) throw roundcubeError('void', `The webmail reported: ${error.text}`, { host });
  return answer;
}

function limits(ask: Ask): { signal: AbortSignal; deadlineMs: number } {
  return { signal: ask.signal, deadlineMs: ask.deadlineMs ?? REQUEST_DEADLINE_MS };
}

function formBody(parameters: Parameters): { type: string; bytes: string; length: number } {
  const bytes = new URLSearchParams(parameters).toString();
  return { type: 'application/x-www-form-urlencoded', bytes, length: Buffer.byteLength(bytes) };
}

function isAttachment(reply: WebReply): boolean {
  const disposition = reply.headers['content-disposition'];
  return typeof disposition === 'string' && disposition.toLowerCase().startsWith('attachment');
}
