/*
 * A list of any length, of which only the windows that are looked at are asked for. Positions are the server's: it says how many there are, and which
 * stand from here to there.
 */
import { useQueries, useQueryClient } from '@tanstack/react-query';
import { useCallback, useMemo, useRef, useState } from 'react';
import { listPage, PAGE, type Line, type ListQuery, type Page } from '../api/lists.ts';
import type { Filing } from '../offline/filing.ts';
import { useFilings } from '../offline/post-around.tsx';
import { useJmap } from '../shell/mail-session.tsx';
import { shownLines } from './shown-lines.ts';

/** Looked at and a little around it; more would be asked again at every change. */
const MOST_PAGES = 4;

export interface MessageList {
  /** Undefined: not known yet. */
  readonly total: number | undefined;
  readonly isFailed: boolean;
  /** Undefined: not loaded. */
  readonly at: (index: number) => Line | undefined;
  /** Of a line by its key or by any message that it stands for, among what is loaded; -1: not there. */
  readonly indexOf: (id: string) => number;
  readonly loaded: readonly Line[];
  /** Lines that are to be seen now. */
  readonly look: (first: number, last: number) => void;
  readonly retry: () => void;
}

/**
 * One list for as long as the component lives; the same object for as long as it says the same.
 * @param selected keys of lines that stay loaded, wherever one looks: what is done is done with all of them
 */
export function useMessageList(query: ListQuery | undefined, selected: ReadonlySet<string>): MessageList {
  const jmap = useJmap();
  const client = useQueryClient();
  const filings = useFilings();
  const [window, setWindow] = useState({ first: 0, last: 0 });
  const pinned = useRef<readonly number[]>([]);
  const looked = Array.from({ length: window.last - window.first + 1 }, (_, index) => window.first + index);
  const numbers = [...new Set([...looked, ...pinned.current])].toSorted((one, other) => one - other);
  const pages = useQueries({
    queries: numbers.map((number) => ({
      queryKey: ['list', query, number],
      queryFn: ({ signal }: { readonly signal: AbortSignal }) =>
        listPage(jmap, query ?? { filter: {}, isCollapsed: false }, number, signal),
      enabled: query !== undefined,
    })),
    combine: (results) => ({
      entries: results.map(({ data, dataUpdatedAt }, index) => ({ number: numbers[index] ?? 0, data, dataUpdatedAt })),
      isFailed: results.some(({ isError, data }) => isError && data === undefined),
    }),
  });

  const known = useMemo(() => knownFrom(pages.entries, { query, filings }), [pages.entries, query, filings]);
  pinned.current = [...selected].flatMap((key) => known.pageOf(key) ?? []);
  // What has moved up stands further down for the relay.
  const gone = useRef(0);
  gone.current = known.gone;
  const look = useCallback((first: number, last: number) => {
    const firstPage = Math.floor(first / PAGE);
    const lastPage = Math.min(Math.floor((last + gone.current) / PAGE), firstPage + MOST_PAGES - 1);
    setWindow((before) => (before.first === firstPage && before.last === lastPage ? before : { first: firstPage, last: lastPage }));
  }, []);
  // Far away nothing is loaded yet; the list stays as long as it was, or one would be thrown back to its top.
  const lastTotal = useRef<number>(undefined);
  lastTotal.current = known.total ?? lastTotal.current;
  const total = lastTotal.current;
  const { isFailed } = pages;
  const retry = useCallback(() => void client.refetchQueries({ queryKey: ['list', query] }), [client, query]);
  return useMemo(() => {
    const { at, indexOf, loaded } = known;
    return { at, indexOf, loaded, total, isFailed, look, retry };
  }, [known, total, isFailed, look, retry]);
}

interface Entry {
  readonly number: number;
  readonly data: Page | undefined;
  readonly dataUpdatedAt: number;
}

interface Known extends Pick<MessageList, 'total' | 'at' | 'indexOf' | 'loaded'> {
  /** Lines fewer than the relay knows of. */
  readonly gone: number;
  /** Undefined: no line with this key is loaded. */
  readonly pageOf: (key: string) => number | undefined;
}

function knownFrom(
  entries: readonly Entry[],
  { query, filings }: { readonly query: ListQuery | undefined; readonly filings: readonly Filing[] },
): Known {
  const newest = entries
    .filter(({ data }) => data !== undefined)
    .toSorted((one, other) => other.dataUpdatedAt - one.dataUpdatedAt)
    .at(0);
  const told = entries.flatMap(({ number, data }) =>
    (data?.messages ?? []).map((message, index) => [number * PAGE + index, message] as const),
  );
  const inAll = newest?.data?.total;
  const { total, places } = shownLines(told, { query, filings, total: inAll ?? 0 });
  const indexes = new Map<string, number>();
  for (const [place, { key, id, conversation }] of places)
    for (const one of [key, id, ...conversation.map((member) => member.id)]) indexes.set(one, place);
  const pages = new Map(entries.flatMap(({ number, data }) => (data?.messages ?? []).map(({ key }) => [key, number] as const)));
  return {
    total: inAll === undefined ? undefined : total,
    at: (index) => places.get(index),
    indexOf: (id) => indexes.get(id) ?? -1,
    loaded: [...places.values()],
    pageOf: (key) => pages.get(key),
    gone: Math.max(0, (inAll ?? 0) - total),
  };
}
