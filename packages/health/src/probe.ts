import {
  messageOf,
  type AccountId,
  type Clock,
  type LoginCredential,
  type Path,
  type PathKind,
  type ProbeResult,
  type ProbeSettings,
  type Provider,
  type Upstream,
} from '@stopgap/core';
import type { Board } from './board.ts';

/** A probe comes up to this share earlier or later, so that paths and machines do not fall into step. */
const JITTER = 0.2;
/** A log-in costs a provider more than a greeting, and a wrong one may lock the account. */
const LOGIN_EVERY_MS = 5 * 60_000;
const LOGIN_LIMIT_MS = 60_000;

export type Upstreams = Readonly<Partial<Record<PathKind, Upstream>>>;

export interface ProbeOptions {
  readonly board: Pick<Board, 'probed' | 'authWorked' | 'authFailed'>;
  /** A kind that is not there is not probed; its state then comes from attempts alone. */
  readonly upstreams: Upstreams;
  readonly providers: readonly Provider[];
  /** Opens the credential of the account that a provider's settings name for log-in probes. Undefined: there is none, no log-in is tried. */
  readonly credentialOf?: (account: AccountId) => Promise<LoginCredential | undefined>;
  readonly clock: Clock;
  /** In [0, 1) */
  readonly random: () => number;
  readonly signal: AbortSignal;
}

/** Asks every path at once and then again and again, whatever the answers were, until the signal aborts. */
export async function runProbes(options: ProbeOptions): Promise<void> {
  const loops = options.providers.flatMap((provider) =>
    [...provider.incoming, ...provider.outgoing].map((path) => probeForever(path, provider.probe, options)),
  );
  await Promise.all(loops);
}

/** One probe under its time limit. Never rejects: a probe that throws is our own bug and no news of the path. */
export async function probeOnce(
  path: Path,
  options: Pick<ProbeOptions, 'upstreams' | 'clock' | 'signal'> & { readonly timeoutMs: number },
): Promise<ProbeResult | undefined> {
  const upstream = upstreamOf(path, options.upstreams);
  if (!upstream) return undefined;
  const over = new AbortController();
  const signal = AbortSignal.any([options.signal, over.signal]);
  const timedOut = options.clock.wait(options.timeoutMs, signal).then((): ProbeResult => {
    const text = `no answer within ${options.timeoutMs / 1000} s`;
    return { kind: 'failed', reason: options.signal.aborted ? { class: 'cancelled', text } : { class: 'connect', text } };
  });
  const asked = ask(upstream, path, signal);
  // The limit holds even for a probe that does not end when it is told to: a loop that hangs would never see the path recover.
  const result = await Promise.race([asked, timedOut]);
  over.abort();
  return result;
}

async function probeForever(path: Path, settings: ProbeSettings, options: ProbeOptions): Promise<void> {
  const { clock, random, signal } = options;
  let nextLoginMs = -Infinity;
  while (!signal.aborted) {
    const result = await probeOnce(path, { ...options, timeoutMs: settings.timeoutMs });
    if (!result || signal.aborted) return;
    options.board.probed(path.id, result);
    if (result.kind === 'answered' && settings.account !== undefined && clock.nowMs() >= nextLoginMs) {
      nextLoginMs = clock.nowMs() + LOGIN_EVERY_MS;
      await tryLogin(path, settings.account, options);
    }
    await clock.wait(settings.everyMs * (1 - JITTER + 2 * JITTER * random()), signal);
  }
}

/** The account's log-in on a path that answers. Silence and errors say nothing that the probe before it did not. */
async function tryLogin(path: Path, account: AccountId, options: ProbeOptions): Promise<void> {
  const { board, credentialOf, signal } = options;
  const upstream = path.kind === 'smarthost' ? undefined : options.upstreams[path.kind];
  try {
    const credential = await credentialOf?.(account);
    if (!upstream || !credential) return;
    const verdict = await upstream.verify(path, credential, AbortSignal.any([signal, AbortSignal.timeout(LOGIN_LIMIT_MS)]));
    if (verdict.kind === 'accepted') board.authWorked(path.id, account);
    if (verdict.kind === 'refused') board.authFailed(path.id, account, verdict.reason);
  } catch {
    // A credential that can not be opened is told where it is needed.
  }
}

async function ask(upstream: Upstream, path: Path, signal: AbortSignal): Promise<ProbeResult> {
  try {
    return await upstream.probe(path, signal);
  } catch (error) {
    return { kind: 'failed', reason: { class: 'internal', text: messageOf(error) } };
  }
}

/** A smarthost speaks SMTP. */
function upstreamOf(path: Path, upstreams: Upstreams): Upstream | undefined {
  return upstreams[path.kind] ?? (path.kind === 'smarthost' ? upstreams.smtp : undefined);
}
