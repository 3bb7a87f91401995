import { route, type App, type AppContext } from '../../app-env.ts';
import { HttpProblem } from '../../problem.ts';
import type { HttpApiDeps } from '../../deps.ts';
import type { Authenticate, Person } from '../../sessions/authenticate.ts';
import { streamBody } from '../../stream-body.ts';
import { Busy } from '../busy.ts';
import { wire } from '../ids.ts';
import { requestProblems } from '../request-problems.ts';
import type { SubmissionStates } from '../submission/submission-states.ts';
import type { News } from './news.ts';
import { changedTypes, knownNow, knownOf, knownText, PUSHED_TYPES, type Known, type Looking, type PushedType } from './states-of-types.ts';

/** Of one account. */
const MOST_STREAMS = 50;
/** Changes that come close together are told together. */
const GATHER_MS = 250;
/** RFC 8620 7.3 lets us bound what is asked for; between two of them it is looked whether the person is still logged in. */
const SHORTEST_PING_S = 5;
const LONGEST_PING_S = 300;
const LOOK_S = 30;

export interface EventSourceDeps {
  readonly deps: HttpApiDeps;
  readonly authenticate: Authenticate;
  readonly isAlive: (person: Person) => boolean;
  readonly submissions: SubmissionStates;
  readonly news: News;
  readonly closing: AbortSignal;
}

/** RFC 8620 7.3 */
export function eventSourceRoute(app: App, parts: EventSourceDeps): void {
  const streams = new Busy(MOST_STREAMS);
  route(app, '/jmap/events', {
    GET: async (c) => {
      const person = await parts.authenticate(c);
      const asked = readQuestion(c);
      const place = streams.take(person.account, () => requestProblems.limit('maxConcurrentRequests', 429));
      const gone = new AbortController();
      const signal = AbortSignal.any([gone.signal, parts.closing, c.req.raw.signal]);
      const events = eventsFor(person, { ...asked, signal }, parts);
      const ending = (async function* (): AsyncGenerator<Buffer> {
        try {
          for await (const text of events) yield Buffer.from(text);
        } finally {
          place[Symbol.dispose]();
        }
      })();
      return new Response(
        streamBody(ending, () => gone.abort()),
        {
          headers: { 'content-type': 'text/event-stream', 'cache-control': 'no-store, no-transform', 'x-accel-buffering': 'no' },
        },
      );
    },
  });
}

interface Question {
  readonly types: ReadonlySet<PushedType>;
  readonly closesAfterState: boolean;
  /** 0: none. */
  readonly pingS: number;
  /** Of the last event that the client has seen, where it comes back. */
  readonly since?: Known;
}

/** @throws HttpProblem 400 */
function readQuestion(c: AppContext): Question {
  const { types = '*', closeafter = 'no', ping = '0' } = c.req.query();
  if ((closeafter !== 'no' && closeafter !== 'state') || !/^\d{1,9}$/.test(ping))
    throw new HttpProblem(400, 'closeafter is no or state, ping a number');
  const names = types.split(',');
  const since = knownOf(c.req.header('last-event-id') ?? '');
  return {
    types: new Set(PUSHED_TYPES.filter((type) => types === '*' || names.includes(type))),
    closesAfterState: closeafter === 'state',
    pingS: ping === '0' ? 0 : Math.min(Math.max(Number(ping), SHORTEST_PING_S), LONGEST_PING_S),
    ...(since === undefined ? {} : { since }),
  };
}

async function* eventsFor(
  person: Person,
  { types, closesAfterState, pingS, since, signal }: Question & { readonly signal: AbortSignal },
  { deps, isAlive, submissions, news }: EventSourceDeps,
): AsyncGenerator<string> {
  const { account } = person;
  const looking: Looking = { deps, account, submissions };
  const listener = news.listen(account);
  try {
    let known = since ?? knownNow(looking);
    // So that the client hears at once that it is connected.
    yield ': connected\n\n';
    let sinceTold = 0;
    while (!signal.aborted) {
      const number = listener.number();
      const now = knownNow(looking);
      const changed = Object.entries(changedTypes(known, now, looking)).filter(([type]) => types.has(type as PushedType));
      known = now;
      if (changed.length > 0) {
        if (!isAlive(person)) return;
        yield stateEvent(person, changed, known);
        if (closesAfterState) return;
        sinceTold = 0;
      }
      const waitS = pingS === 0 ? LOOK_S : Math.min(LOOK_S, pingS - sinceTold);
      const isNews = await untilNews({ deps, account, known, listener, number, waitMs: waitS * 1000, signal });
      if (isNews) await deps.clock.wait(GATHER_MS, signal);
      else {
        if (!isAlive(person)) return;
        sinceTold += waitS;
        if (pingS > 0 && sinceTold >= pingS) {
          sinceTold = 0;
          yield `event: ping\ndata: ${JSON.stringify({ interval: pingS })}\n\n`;
        }
      }
    }
  } finally {
    listener.end();
  }
}

interface Wait {
  readonly deps: HttpApiDeps;
  readonly account: Person['account'];
  readonly known: Known;
  readonly listener: ReturnType<News['listen']>;
  readonly number: number;
  readonly waitMs: number;
  readonly signal: AbortSignal;
}

/** False: the time is over. */
async function untilNews({ deps, account, known, listener, number, waitMs, signal }: Wait): Promise<boolean> {
  const over = new AbortController();
  const either = AbortSignal.any([signal, over.signal]);
  try {
    return await Promise.race([
      deps.mailboxes.waitForChange(account, known.mail, either).then(() => true),
      listener.wait(number, either).then(() => true),
      deps.clock.wait(waitMs, either).then(() => false),
    ]);
  } finally {
    over.abort('over');
  }
}

function stateEvent(person: Person, changed: readonly (readonly [string, string])[], known: Known): string {
  const data = { '@type': 'StateChange', changed: { [wire.account(person.account)]: Object.fromEntries(changed) } };
  return `event: state\nid: ${knownText(known)}\ndata: ${JSON.stringify(data)}\n\n`;
}
