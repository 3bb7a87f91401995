/*
 * Setting the relay up (`/api/setup`). There is no session yet: who is on the relay's machine is let in, everybody else by the code.
 */
import { sendByBrowser } from './http.ts';
import { NoAnswer } from './failures.ts';

export type HostKind = 'imap' | 'pop3' | 'smtp';
export type Security = 'tls' | 'starttls' | 'none';
export type SetupPath =
  | { readonly kind: HostKind; readonly host: string; readonly port: number; readonly security: Security }
  | { readonly kind: 'roundcube' | 'jmap'; readonly url: string };
export type Direction = 'incoming' | 'outgoing';
export type Source = 'preset' | 'provider' | 'dns' | 'guess';
export type LoginForm = 'address' | 'localpart';

export interface Proposal {
  readonly name: string;
  readonly domain: string;
  readonly login: LoginForm;
  readonly hint?: 'app-password' | 'switch-on';
  readonly incoming: readonly (SetupPath & { readonly source: Source })[];
  readonly outgoing: readonly (SetupPath & { readonly source: Source })[];
}

export type ProbeAnswer =
  | { readonly answered: true; readonly elapsedMs: number }
  | { readonly answered: false; readonly class: string; readonly reason: string };

export interface FirstSteps {
  readonly provider: {
    readonly name: string;
    readonly domains: readonly string[];
    readonly login: LoginForm;
    readonly incoming: readonly SetupPath[];
    readonly outgoing: readonly SetupPath[];
  };
  readonly account: { readonly address: string; readonly password: string; readonly name?: string; readonly unverified: boolean };
  readonly network?: { readonly name: string };
}

/** What stands in the way; `text` is the configuration that could not be written. */
export interface Obstacle {
  readonly kind: 'refused' | 'undecided' | 'not-written' | 'unusable' | 'no-answer';
  readonly detail: string;
  readonly text?: string;
}

export interface SetupFacts {
  readonly file: string;
  readonly hostname: string;
}

/** `code`: it is wanted, or was wrong. `over`: the relay is set up. */
export type Looked = { readonly kind: 'open'; readonly facts: SetupFacts } | { readonly kind: 'code' } | { readonly kind: 'over' };

export interface Setup {
  /** @throws NoAnswer */
  look(): Promise<Looked>;
  propose(address: string): Promise<Proposal | Obstacle>;
  /** Never throws: what went wrong is an answer, too. */
  probe(direction: Direction, path: SetupPath, signal: AbortSignal): Promise<ProbeAnswer>;
  apply(first: FirstSteps): Promise<{ readonly state: 'active' | 'pending' } | Obstacle>;
}

const OBSTACLES: Readonly<Record<string, Obstacle['kind']>> = {
  'urn:stopgap:setup-refused': 'refused',
  'urn:stopgap:setup-undecided': 'undecided',
  'urn:stopgap:setup-not-written': 'not-written',
};

/** @param code what the person has entered or the address held; '' when none is known */
export function createSetup(code: string): Setup {
  const headers = { 'x-stopgap-request': '1', 'content-type': 'application/json', ...(code === '' ? {} : { 'x-stopgap-setup': code }) };
  const post = (path: string, body: unknown, signal?: AbortSignal): Promise<Response> =>
    sendByBrowser(path, { method: 'POST', body, ...(signal === undefined ? {} : { signal }) }, headers);
  return {
    async look() {
      const answer = await sendByBrowser('/api/setup', {}, headers);
      if (answer.status === 404) return { kind: 'over' };
      if (!answer.ok) return { kind: 'code' };
      return { kind: 'open', facts: (await answer.json()) as SetupFacts };
    },
    propose: (address) => answered<Proposal>(post('/api/setup/proposals', { address })),
    async probe(direction, path, signal) {
      const answer = await answered<ProbeAnswer>(post('/api/setup/probe', { direction, path }, signal));
      return 'kind' in answer ? { answered: false, class: answer.kind, reason: answer.detail } : answer;
    },
    apply: (first) => answered<{ readonly state: 'active' | 'pending' }>(post('/api/setup', first)),
  };
}

async function answered<T extends object>(response: Promise<Response>): Promise<T | Obstacle> {
  try {
    const answer = await response;
    const document = (await answer.json()) as T & {
      readonly type?: string;
      readonly title?: string;
      readonly detail?: string;
      readonly text?: string;
    };
    if (answer.ok) return document;
    const { type = '', title = '', detail = title, text } = document;
    return { kind: OBSTACLES[type] ?? 'unusable', detail, ...(text === undefined ? {} : { text }) };
  } catch (error) {
    return { kind: 'no-answer', detail: error instanceof NoAnswer ? '' : String(error) };
  }
}
