/*
 * A JMAP server that behaves, in memory, in this process: sessions, mail and submission as far as they are used. It passes the contract suite of
 * incoming paths as Cyrus does; its e-mails have ids of their own, so that equal ones stay apart.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { BackDoor } from '../incoming-contract/world.ts';
import { FakeJmapAccount } from './account.ts';
import { backDoorOf } from './back-door.ts';
import { answer } from './requests.ts';
import { allWell, type FakeJmapSwitches, type OnJmapSend } from './switches.ts';

const CORE = 'urn:ietf:params:jmap:core';
const MAIL = 'urn:ietf:params:jmap:mail';
const SUBMISSION = 'urn:ietf:params:jmap:submission';
/** Small, so that tests with few messages meet it. */
const MAX_OBJECTS = 25;

export interface FakeJmapOptions {
  readonly accounts: readonly { readonly address: string; readonly password: string }[];
  /** Takes what is sent. */
  readonly onSend: OnJmapSend;
  readonly maxSizeUpload?: number;
}

export interface FakeJmap {
  /** The well-known address, which redirects. */
  readonly url: string;
  readonly switches: FakeJmapSwitches;
  account(address: string): FakeJmapAccount;
  store(address: string): BackDoor;
  /** Methods in the order in which they were called. */
  readonly called: string[];
  /** Ends all connections, without a word. */
  cut(): void;
  close(): Promise<void>;
}

export async function startFakeJmap(options: FakeJmapOptions): Promise<FakeJmap> {
  const server = new JmapServer(options);
  const http = createServer((request, response) => void server.serve(request, response));
  await new Promise<void>((resolve, reject) => http.once('error', reject).listen(0, '127.0.0.1', resolve));
  const { port } = http.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/.well-known/jmap`,
    switches: server.switches,
    account: (address) => server.account(address),
    store: (address) => backDoorOf(server.account(address)),
    called: server.called,
    cut: () => http.closeAllConnections(),
    async close() {
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
    },
  };
}

class JmapServer {
  readonly switches = allWell();
  readonly called: string[] = [];
  readonly #options: FakeJmapOptions;
  readonly #accounts: ReadonlyMap<string, FakeJmapAccount>;

  constructor(options: FakeJmapOptions) {
    this.#options = options;
    this.#accounts = new Map(options.accounts.map(({ address }) => [address, new FakeJmapAccount()]));
  }

  account(address: string): FakeJmapAccount {
    const account = this.#accounts.get(address);
    if (account === undefined) throw new Error(`there is no account ${address}`);
    return account;
  }

  async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      await this.#answer(request, response);
    } catch {
      request.socket.destroy();
    }
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await bodyOf(request);
    if (this.switches.isDown) return void request.socket.destroy();
    const url = new URL(request.url ?? '/', 'http://fake.test');
    if (url.pathname === '/.well-known/jmap') return void response.writeHead(301, { location: '/jmap/' }).end();
    const account = this.#whoIs(request.headers.authorization);
    if (account === undefined) return void response.writeHead(401, { 'www-authenticate': 'Basic realm="fake"' }).end();
    const { refusal } = this.switches;
    if (refusal !== undefined) {
      const pause = refusal.retryAfterS === undefined ? {} : { 'retry-after': String(refusal.retryAfterS) };
      return void response.writeHead(refusal.status, pause).end();
    }
    if (url.pathname === '/jmap/' && request.method === 'GET') return send(response, 200, this.#session());
    if (url.pathname === '/jmap/') return this.#call(JSON.parse(body.toString()), account, request, response);
    if (url.pathname === '/jmap/upload/a1/')
      return send(response, 201, { accountId: 'a1', blobId: account.addBlob(body), type: 'message/rfc822', size: body.length });
    if (url.pathname === '/jmap/events') return this.#events(account, response);
    const blob = account.blobs.get(/^\/jmap\/download\/a1\/([^/]+)\//.exec(url.pathname)?.[1] ?? '');
    if (blob === undefined) return void response.writeHead(404).end();
    response.writeHead(200, { 'content-type': 'message/rfc822', 'content-length': blob.length }).end(blob);
  }

  async #call(
    body: { readonly methodCalls: readonly [string, Record<string, unknown>, string][] },
    account: FakeJmapAccount,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const { lost } = this.switches;
    const names = body.methodCalls.map(([name]) => name);
    const isLost = lost !== undefined && names.includes(lost.method);
    if (isLost) this.switches.lost = undefined;
    if (isLost && !lost.processed) return void request.socket.destroy();
    this.called.push(...names);
    const { switches } = this;
    const context = { account, switches, onSend: this.#options.onSend, maxObjectsInGet: MAX_OBJECTS };
    const methodResponses = await answer(body.methodCalls, context);
    if (isLost) return void request.socket.destroy();
    send(response, 200, { methodResponses, sessionState: '0' });
  }

  #events(account: FakeJmapAccount, response: ServerResponse): void {
    if (!this.switches.hasEvents) return void response.writeHead(204).end();
    response.writeHead(200, { 'content-type': 'text/event-stream' }).write(': hello\r\n\r\n');
    account.onChange = () => {
      const data = JSON.stringify({ '@type': 'StateChange', changed: { a1: { Email: account.state } } });
      response.write(`event: state\r\ndata: ${data}\r\n\r\n`);
    };
  }

  #session(): Record<string, unknown> {
    const submission = this.switches.hasSubmission ? { [SUBMISSION]: { submissionExtensions: { SIZE: ['80000000'] } } } : {};
    const maxSizeUpload = this.#options.maxSizeUpload ?? 50_000_000;
    return {
      capabilities: {
        [CORE]: { maxSizeUpload, maxObjectsInGet: MAX_OBJECTS, maxObjectsInSet: MAX_OBJECTS },
        [MAIL]: {},
        [SUBMISSION]: {},
      },
      accounts: { a1: { name: 'fake', isPersonal: true, accountCapabilities: { [MAIL]: {}, ...submission } } },
      primaryAccounts: { [MAIL]: 'a1', [SUBMISSION]: 'a1' },
      username: 'fake',
      apiUrl: '/jmap/',
      downloadUrl: '/jmap/download/{accountId}/{blobId}/{name}?accept={type}',
      uploadUrl: '/jmap/upload/{accountId}/',
      eventSourceUrl: '/jmap/events?types={types}',
      state: '0',
      ...this.switches.session,
    };
  }

  #whoIs(authorization: string | undefined): FakeJmapAccount | undefined {
    const told = Buffer.from(/^Basic (.+)$/.exec(authorization ?? '')?.[1] ?? '', 'base64').toString();
    const known = this.#options.accounts.find(({ address, password }) => told === `${address}:${password}`);
    return known === undefined ? undefined : this.#accounts.get(known.address);
  }
}

function send(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
