/*
 * A webmail that behaves like Roundcube 1.6 for what sending and mirroring need, in memory, in this process. What it does was compared with the real one
 * by running the same contract suite against both.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Action, Context, FakeAccount } from './context.ts';
import { folderActions } from './folder-actions.ts';
import { listingActions } from './listing-actions.ts';
import { freshPreferences, freshStorage, type FakeMailbox, type FakePreferences, type FakeStorage } from './mailboxes.ts';
import { html, json, page, redirect, tooMany, write, type FakeReply } from './replies.ts';
import { readRequest, type WebmailRequest } from './request.ts';
import { sendingActions } from './sending-actions.ts';
import { FakeSessions, type CookieNames, type FakeSession } from './sessions.ts';
import { storageActions } from './storage-actions.ts';
import { allWell, type FakeRoundcubeSwitches, type OnSend } from './switches.ts';

const TEN_MINUTES_MS = 600_000;

export interface FakeRoundcubeOptions {
  readonly accounts: readonly { readonly address: string; readonly password: string }[];
  /** Takes what is sent; a rejection is a mail server that fails. */
  readonly onSend: OnSend;
  /** 0 or undefined: any free one. */
  readonly port?: number;
  /** `/webmail/` where it does not live at the root. */
  readonly basePath?: string;
  readonly cookieNames?: CookieNames;
  /** Redirects as `./?_task=mail`, as older versions and some servers do. */
  readonly hasRelativeRedirects?: boolean;
  readonly sessionLifetimeMs?: number;
  readonly nowMs?: () => number;
}

export interface FakeRoundcube {
  readonly url: string;
  readonly switches: FakeRoundcubeSwitches;
  /** The webmail itself: connections are cut as soon as they are made. */
  setDown(isDown: boolean): void;
  expireSessions(): void;
  /** The next answer of an action is lost, after the action was done or without it being done. */
  loseAnswer(action: string, how: { readonly processed: boolean }): void;
  /** Every answer of an action stays away until the client gives up. */
  hang(action: string, isHanging: boolean): void;
  /** `disabled`: by configuration, which says so; `unknown`: too old to know it, and says nothing. */
  disable(action: string, how?: 'disabled' | 'unknown'): void;
  mailbox(address: string, name: string): FakeMailbox | undefined;
  /** As if the person had deleted it. */
  removeMailbox(address: string, name: string): void;
  /** A person's mailboxes by name in modified UTF-7, to be changed as by another mail program. */
  storage(address: string): FakeStorage;
  preferences(address: string): FakePreferences;
  /** Log-ins that are alive. */
  sessionCount(): number;
  close(): Promise<void>;
}

const ACTIONS: Readonly<Record<string, Action>> = { ...listingActions, ...storageActions, ...folderActions, ...sendingActions };

export async function startFakeRoundcube(options: FakeRoundcubeOptions): Promise<FakeRoundcube> {
  const webmail = new Webmail(options);
  const server = createServer((incoming, response) => void webmail.serve(incoming, response));
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(options.port ?? 0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const { switches } = webmail;
  return {
    url: `http://127.0.0.1:${port}${options.basePath ?? '/'}`,
    switches,
    setDown: (isDown) => (webmail.isDown = isDown),
    expireSessions: () => webmail.sessions.endAll(),
    loseAnswer: (action, how) => switches.lost.set(action, { times: 1, processed: how.processed }),
    hang: (action, isHanging) => (isHanging ? switches.hanging.add(action) : switches.hanging.delete(action)),
    disable: (action, how = 'disabled') => switches.disabled.set(action, how),
    mailbox: (address, name) => webmail.accounts.get(address)?.storage.get(name),
    removeMailbox: (address, name) => void webmail.accounts.get(address)?.storage.delete(name),
    storage: (address) => webmail.account(address).storage,
    preferences: (address) => webmail.account(address).preferences,
    sessionCount: () => webmail.sessions.count,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

class Webmail {
  isDown = false;
  readonly switches = allWell();
  readonly sessions: FakeSessions;
  readonly accounts: ReadonlyMap<string, FakeAccount>;
  readonly #options: FakeRoundcubeOptions;
  readonly #basePath: string;
  readonly #cookies: CookieNames;
  readonly #nowMs: () => number;

  constructor(options: FakeRoundcubeOptions) {
    this.#options = options;
    this.#basePath = options.basePath ?? '/';
    this.#cookies = options.cookieNames ?? { session: 'roundcube_sessid', auth: 'roundcube_sessauth' };
    this.#nowMs = options.nowMs ?? (() => Date.now());
    this.sessions = new FakeSessions(options.sessionLifetimeMs ?? TEN_MINUTES_MS, this.#nowMs);
    this.accounts = new Map(
      options.accounts.map((account) => [account.address, { ...account, storage: freshStorage(), preferences: freshPreferences() }]),
    );
  }

  account(address: string): FakeAccount {
    const found = this.accounts.get(address);
    if (found === undefined) throw new Error(`nobody is called ${address}`);
    return found;
  }

  async serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      if (this.isDown) return void incoming.socket.destroy();
      const request = await readRequest(incoming);
      const action = request.value('_action') || request.value('_task');
      if (this.switches.hanging.has(action)) return;
      this.switches.meanwhile?.(action);
      const { busy } = this.switches;
      if (busy !== undefined) return write(response, tooMany(busy), []);
      if (this.switches.maintenance.has(action)) return write(response, html('<h1>We are back soon</h1>'), []);
      // Looking at the form is not resending yet.
      const lost = action === 'bounce' && request.method === 'GET' ? undefined : this.switches.lost.get(action);
      if (lost !== undefined && lost.times-- > 0 && !lost.processed) return void incoming.socket.destroy();
      const { reply, cookies } = await this.#answer(request);
      if (lost !== undefined && lost.times >= 0 && lost.processed) return void incoming.socket.destroy();
      write(response, reply, cookies);
    } catch {
      incoming.socket.destroy();
    }
  }

  async #answer(request: WebmailRequest): Promise<{ reply: FakeReply; cookies: string[] }> {
    if (request.path !== this.#basePath && request.path !== `${this.#basePath}index.php`)
      return { reply: html('Not Found', 404), cookies: [] };
    if (request.value('_task') === 'login' && request.method === 'POST') return this.#logIn(request);
    const session = this.sessions.find(request.cookies, this.#cookies);
    const account = session === undefined ? undefined : this.accounts.get(session.address ?? '');
    if (session === undefined || account === undefined) return this.#turnAway(request);
    const renewed = this.sessions.renewed(session);
    const cookies = renewed === undefined ? [] : [`${this.#cookies.auth}=${renewed}; path=/; HttpOnly`];
    return { reply: await this.#act(request, session, account), cookies };
  }

  async #act(request: WebmailRequest, session: FakeSession, account: FakeAccount): Promise<FakeReply> {
    const name = `${request.value('_task') || 'mail'}.${request.value('_action')}`;
    const needsToken = request.method === 'POST' || request.query.has('_save') || name.startsWith('logout.');
    const token = request.headerToken ?? request.form.get('_token') ?? request.query.get('_token');
    if (needsToken && token !== session.token) {
      if (request.isXhr) return { status: 403, headers: { 'content-type': 'text/html' }, body: 'Invalid Request' };
      return page({ task: 'mail', server_error: 403 }, '<h3>REQUEST CHECK FAILED</h3>');
    }
    if (name.startsWith('logout.')) {
      this.sessions.end(session);
      return page({ task: 'login' }, this.#loginForm(this.sessions.begin(undefined).token));
    }
    const context: Context = {
      request,
      account,
      session,
      switches: this.switches,
      onSend: this.#options.onSend,
      nowMs: this.#nowMs,
      basePath: this.#basePath,
    };
    if (name === 'mail.') return this.#firstPage(session, account);
    const missing = this.switches.disabled.get(request.value('_action'));
    if (missing === 'disabled') {
      if (!request.isXhr) return page({ task: 'mail' }, '<h3>FILE NOT FOUND</h3>');
      return json(request.value('_action'), [['display_message', 'Application Error (404): Action disabled', 'error', 0]]);
    }
    const action = missing === 'unknown' ? undefined : ACTIONS[name];
    // An unknown action answers with nothing at all.
    if (action === undefined) return request.isXhr ? json(request.value('_action'), []) : page({ task: 'mail' }, '');
    return action(context);
  }

  #logIn(request: WebmailRequest): { reply: FakeReply; cookies: string[] } {
    const guest = this.sessions.guest(request.cookies, this.#cookies);
    const account = this.accounts.get(request.value('_user'));
    if (guest === undefined || request.value('_token') !== guest.token) return this.#refuse('Invalid request! No data was saved.');
    if (this.switches.imapDown) return this.#refuse('Connection to storage server failed.');
    if (account === undefined || account.password !== request.value('_pass')) return this.#refuse('Login failed.');
    this.sessions.end(guest);
    const session = this.sessions.begin(account.address);
    const home = this.#options.hasRelativeRedirects === true ? './' : this.#basePath;
    const { session: id, auth } = this.#cookies;
    const cookies = [
      `${auth}=-del-; expires=Thu, 01 Jan 1970 00:00:01 GMT; path=/`,
      `${id}=${session.id}; path=/; HttpOnly`,
      `${auth}=${session.auth}; path=/; HttpOnly`,
    ];
    return { reply: redirect(`${home}?_task=mail&_token=${session.token}`), cookies };
  }

  #refuse(text: string): { reply: FakeReply; cookies: string[] } {
    const guest = this.sessions.begin(undefined);
    const reply = page({ task: 'login' }, this.#loginForm(guest.token), [['display_message', text, 'warning', 0]], 401);
    return { reply, cookies: [`${this.#cookies.session}=${guest.id}; path=/; HttpOnly`] };
  }

  #turnAway(request: WebmailRequest): { reply: FakeReply; cookies: string[] } {
    const url = `${this.#basePath}?_task=login&_err=session`;
    const hadCookie = request.cookies.has(this.#cookies.auth);
    const said = hadCookie ? ([['display_message', 'Your session is invalid or expired.', 'error', -1000]] as const) : [];
    if (request.isXhr) return { reply: json(request.value('_action'), [...said, ['session_error', url]]), cookies: [] };
    if (request.form.has('_framed') || request.query.has('_framed')) {
      return { reply: html(`<script>parent.rcmail.session_error(${JSON.stringify(url)});</script>`), cookies: [] };
    }
    const guest = this.sessions.begin(undefined);
    return {
      reply: page({ task: 'login' }, this.#loginForm(guest.token)),
      cookies: [`${this.#cookies.session}=${guest.id}; path=/; HttpOnly`],
    };
  }

  #firstPage(session: FakeSession, account: FakeAccount): FakeReply {
    const subscribed = [...account.storage.values()].filter((mailbox) => mailbox.isSubscribed);
    const entries = subscribed.map(({ name, role }) => [
      name,
      { id: name, name, virtual: false, ...(role === undefined ? {} : { class: role }) },
    ]);
    return page(
      {
        task: 'mail',
        request_token: session.token,
        comm_path: `${this.#basePath}?_task=mail`,
        rcversion: 10605,
        max_filesize: this.switches.largestUploadBytes,
        delimiter: '/',
        mailboxes: Object.fromEntries(entries),
        mailboxes_list: subscribed.map(({ name }) => name),
        drafts_mailbox: 'Drafts',
        trash_mailbox: 'Trash',
      },
      '<div id="layout"></div>',
    );
  }

  #loginForm(token: string): string {
    const hidden = ['_task', '_action', '_timezone', '_url'].map((name) => `<input type="hidden" name="${name}" value="">`).join('');
    return `<form id="login-form" method="post" action="${this.#basePath}?_task=login"><input type="hidden" name="_token" value="${token}">${hidden}<input name="_user" type="text"><input name="_pass" type="password"></form>`;
  }
}
