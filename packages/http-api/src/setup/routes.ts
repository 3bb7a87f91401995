import type { z } from 'zod';
import { MailError, Secret } from '@stopgap/core';
import { route, type App, type AppContext } from '../app-env.ts';
import { bodyBytes, payloadTooLarge } from '../bounded-body.ts';
import { HttpProblem } from '../problem.ts';
import { isJson } from '../sessions/cross-site.ts';
import { admit } from './admission.ts';
import { applySchema, probeSchema, proposeSchema } from './schemas.ts';
import type { Applied, SetupDeps } from './setup-deps.ts';

const MOST_BYTES = 16 * 1024;
/** Of one relay, all pages together: each is a connection to somewhere. */
const MOST_AT_ONCE = 12;
const PROPOSE_MS = 20_000;
const PROBE_MS = 15_000;

/** `/api/setup`: the first provider and the first account, by a page. These routes are there only while no provider is configured. */
export function setupRoutes(app: App, setup: SetupDeps): void {
  const limited = limiter(MOST_AT_ONCE);
  let isApplying = false;
  route(app, '/api/setup', {
    GET: (c) => {
      admit(c, setup.code);
      const { file, hostname, allowPrivate } = setup;
      return c.json({ file, hostname, allowPrivate });
    },
    POST: async (c) => {
      const { account, network, provider } = await read(c, setup, applySchema);
      if (isApplying) throw new HttpProblem(409, 'The relay is being set up by somebody at this moment');
      isApplying = true;
      try {
        const { name, password, ...rest } = account;
        const steps = { ...rest, password: new Secret(password), ...(name === undefined || name === '' ? {} : { name }) };
        const applied = await configured(() =>
          setup.apply({ provider, account: steps, ...(network === undefined ? {} : { network }) }, c.req.raw.signal),
        );
        if (applied.kind !== 'added') throw problemOf(applied);
        whenAnswered(c, () => setup.done());
        return c.json({ state: applied.state });
      } finally {
        isApplying = false;
      }
    },
  });
  route(app, '/api/setup/proposals', {
    POST: async (c) => {
      const { address } = await read(c, setup, proposeSchema);
      return c.json(await limited(() => setup.propose(address, within(c, PROPOSE_MS))));
    },
  });
  route(app, '/api/setup/probe', {
    POST: async (c) => {
      const { direction, path } = await read(c, setup, probeSchema);
      const result = await limited(() => configured(() => setup.probe(path, direction, within(c, PROBE_MS))));
      return c.json(
        result.kind === 'answered'
          ? { answered: true, elapsedMs: Math.round(result.elapsedMs) }
          : { answered: false, class: result.reason.class, reason: result.reason.text },
      );
    },
  });
}

async function read<Schema extends z.ZodType>(c: AppContext, { code }: SetupDeps, schema: Schema): Promise<z.output<Schema>> {
  admit(c, code);
  if (!isJson(c)) throw new HttpProblem(415, 'Send application/json');
  const bytes = await bodyBytes(c, MOST_BYTES, () => payloadTooLarge(MOST_BYTES));
  try {
    return schema.parse(JSON.parse(bytes.toString('utf8')));
  } catch {
    throw new HttpProblem(400, 'The request is not understood');
  }
}

/** What the configuration does not take is told in its own words; they are about what the page has sent. */
async function configured<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof MailError) || error.code !== 'config') throw error;
    throw new HttpProblem(422, 'This can not be used', { more: { detail: error.message } });
  }
}

function problemOf(applied: Exclude<Applied, { kind: 'added' }>): HttpProblem {
  switch (applied.kind) {
    case 'refused':
      return new HttpProblem(422, 'The provider refuses this password', {
        type: 'urn:stopgap:setup-refused',
        more: { detail: applied.reason.text },
      });
    case 'undecided':
      return new HttpProblem(503, 'No path could check the password now', {
        type: 'urn:stopgap:setup-undecided',
        more: { detail: applied.reason.text },
      });
    case 'unknown-provider':
      return new HttpProblem(422, 'The address is not of the domains of this provider');
    case 'not-written':
      return new HttpProblem(500, 'The configuration could not be written', {
        type: 'urn:stopgap:setup-not-written',
        more: { detail: applied.why, text: applied.text },
      });
    default:
      return applied satisfies never;
  }
}

function within(c: AppContext, ms: number): AbortSignal {
  return AbortSignal.any([c.req.raw.signal, AbortSignal.timeout(ms)]);
}

function whenAnswered(c: AppContext, done: () => void): void {
  const { outgoing } = c.env ?? {};
  // Without a server (a test), or when the browser has left meanwhile, nobody waits for the answer.
  if (outgoing === undefined || outgoing.destroyed) queueMicrotask(done);
  else outgoing.once('close', done);
}

function limiter(most: number): <T>(run: () => Promise<T>) => Promise<T> {
  let underWay = 0;
  return async (run) => {
    if (underWay >= most) throw new HttpProblem(429, 'Too much at once', { headers: { 'retry-after': '2' } });
    underWay += 1;
    try {
      return await run();
    } finally {
      underWay -= 1;
    }
  };
}
