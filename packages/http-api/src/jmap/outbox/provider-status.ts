import { createHash } from 'node:crypto';
import type { AccountId } from '@stopgap/core';
import { getArguments, OUTBOX } from '@stopgap/jmap';
import { countFailedIntents, countOpenIntents, findAccount, findMirror } from '@stopgap/store';
import type { HttpApiDeps } from '../../deps.ts';
import { utcDate } from '../email/header-forms.ts';
import { picked, wantedIds, wantedProperties } from '../get.ts';
import { method, type Json } from '../method.ts';

const PROPERTIES = ['id', 'provider', 'paths', 'outages', 'mirror'] as const;
const ID = 'singleton';
const OUTAGES_MS = 7 * 24 * 60 * 60_000;

type Deps = Pick<HttpApiDeps, 'store' | 'board' | 'providers' | 'clock'>;

/** How this person's provider is: each path, what was down in the last 7 days, how far the mailbox is here. */
export const providerStatusGet = method(OUTBOX, getArguments, (args, { deps, account }) => {
  const wanted = wantedProperties(args.properties, PROPERTIES);
  const ids = wantedIds(args) ?? [ID];
  const status = statusOf(deps, account);
  const object = picked(ID, wanted, {
    provider: () => status.provider,
    paths: () => status.paths,
    outages: () => status.outages,
    mirror: () => status.mirror,
  });
  return { state: stateOf(status), list: ids.includes(ID) ? [object] : [], notFound: ids.filter((id) => id !== ID) };
});

export function providerState(deps: Deps, account: AccountId): string {
  return stateOf(statusOf(deps, account));
}

function stateOf(status: Json): string {
  return createHash('sha256').update(JSON.stringify(status)).digest('base64url').slice(0, 16);
}

function statusOf({ store, board, providers, clock }: Deps, account: AccountId) {
  const name = store.read((reader) => findAccount(reader, account))?.provider;
  const provider = providers.find((one) => one.name === name);
  const paths = [...(provider?.incoming ?? []), ...(provider?.outgoing ?? [])];
  const own = new Set(paths.map(({ id }) => id));
  return {
    provider: provider?.name ?? null,
    paths: paths.map(({ id, direction, kind }) => {
      const { state, sinceMs, reason } = board.health(id);
      return { direction, kind, state, since: utcDate(sinceMs), reason: reason?.text ?? null, reasonClass: reason?.class ?? null };
    }),
    // Never an end that is not known.
    outages: board
      .outages(clock.nowMs() - OUTAGES_MS)
      .filter(({ path }) => own.has(path))
      .map(({ path, startMs, endMs, reason }) => {
        const at = paths.find(({ id }) => id === path);
        return {
          direction: at?.direction ?? null,
          kind: at?.kind ?? null,
          start: utcDate(startMs),
          end: endMs === undefined ? null : utcDate(endMs),
          reason: reason.text,
          reasonClass: reason.class,
        };
      }),
    mirror: mirrorOf({ store }, account),
  };
}

/** What the mirror writes into `mirror.report`, as far as it is told here. */
interface Report {
  readonly held: readonly { readonly mailbox: string; readonly gone: number; readonly of: number; readonly sinceMs: number }[];
}

/** `progress`: `{ mailboxes: [{ name, messages, total }], messages, total, ratePerS, leftS }`; null before the first listing. */
function mirrorOf({ store }: Pick<Deps, 'store'>, account: AccountId): Json {
  const { row, pending, failed } = store.read((reader) => ({
    row: findMirror(reader, account),
    pending: countOpenIntents(reader, account),
    failed: countFailedIntents(reader, account),
  }));
  const { held } = JSON.parse(row?.report ?? '{"held":[]}') as Report;
  return {
    state: row?.state ?? 'new',
    since: row === undefined ? null : utcDate(row.sinceMs),
    lastUpdate: row?.lastUpdateMs === undefined ? null : utcDate(row.lastUpdateMs),
    progress: row?.progress === undefined ? null : (JSON.parse(row.progress) as unknown),
    pendingChanges: pending,
    notCarriedBack: { count: failed.count, last: failed.lastAtMs === undefined ? null : utcDate(failed.lastAtMs) },
    // Gone there, and kept here until somebody decides.
    held: held.map(({ mailbox, gone, of, sinceMs }) => ({ mailbox, gone, of, since: utcDate(sinceMs) })),
  };
}
