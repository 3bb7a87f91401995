import { filled, type Jmap } from './jmap.ts';

const FIRST_PAUSE_MS = 2000;
const LONGEST_PAUSE_MS = 60_000;
const PING_S = 30;
/** Changes in the moment between a question and the stream are left to the poll; on a slow line it is no moment. */
const GAP_MS = 2000;

/**
 * RFC 8620 7.3: tells which types of things have changed, for as long as it is not stopped. After a break it tells of `'*'`: anything may have.
 * @param sinceMs when what is known was asked for (`performance.now()`); it counts as such a break when that is a while ago
 * @returns how to stop it
 */
export function watchChanges(jmap: Jmap, sinceMs: number, onChange: (types: readonly string[]) => void): () => void {
  const template = jmap.resource.eventSourceUrl;
  if (template === undefined) return () => undefined;
  const url = filled(template, { types: '*', closeafter: 'no', ping: String(PING_S) });
  let source: EventSource | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let pauseMs = FIRST_PAUSE_MS;
  let isLater = false;

  const open = (): void => {
    source = new EventSource(url);
    source.addEventListener('open', () => {
      pauseMs = FIRST_PAUSE_MS;
      if (isLater || performance.now() - sinceMs > GAP_MS) onChange(['*']);
      isLater = true;
    });
    source.addEventListener('state', ({ data }) => {
      const types = typesIn(data, jmap.accountId);
      if (types.length > 0) onChange(types);
    });
    source.addEventListener('error', () => {
      // A connection that broke is made again by the browser; an answer that is no stream ends it.
      if (source?.readyState !== EventSource.CLOSED) return;
      timer = setTimeout(open, pauseMs);
      pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
    });
  };
  open();
  return () => {
    clearTimeout(timer);
    source?.close();
  };
}

function typesIn(data: unknown, accountId: string): string[] {
  try {
    const { changed } = JSON.parse(String(data)) as { readonly changed?: Readonly<Record<string, Readonly<Record<string, string>>>> };
    return Object.keys(changed?.[accountId] ?? {});
  } catch {
    return [];
  }
}
