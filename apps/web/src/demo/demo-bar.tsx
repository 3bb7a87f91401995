import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { failureText } from '../shell/failure-text.ts';
import { Icon } from '../shell/icons.tsx';
import { useJmap } from '../shell/mail-session.tsx';
import { useToasts } from '../shell/toasts.tsx';
import { useSituation } from '../shell/use-situation.ts';
import { useWords } from '../words/use-words.ts';
import { readDemo, setDown, type DemoPart } from './demo-api.ts';
import { useDemoWords, type DemoWords } from './demo-words.ts';
import { OtherAccount } from './other-account.tsx';
import './demo.css';

/** Somebody else may press the same button. */
const POLL_MS = 3000;
const KEY = ['demo'];
const MAIL_SERVERS: readonly DemoPart[] = ['smtp', 'imap'];
const EVERYTHING: readonly DemoPart[] = [...MAIL_SERVERS, 'webmail'];

/** Above everything, and set apart from it: what a visitor does to the practice provider, and what to try next. */
export function DemoBar(): ReactNode {
  const words = useDemoWords();
  const { http, address } = useJmap();
  const { data } = useQuery({ queryKey: KEY, queryFn: ({ signal }) => readDemo(http, signal), refetchInterval: POLL_MS });
  const paths = useSituation().situation?.paths ?? [];
  if (data === undefined || data === null) return null;
  const { down, accounts } = data;
  const other = accounts.find((account) => account.address !== address);
  const first = other?.name.split(' ', 1)[0] ?? '';
  const isNoticed = paths.some(({ state }) => state === 'down');
  return (
    <aside className="demo-bar" aria-label={words.title}>
      <strong className="demo-mark">{words.title}</strong>
      <p className="demo-text" role="status">
        {textOf({ down, isNoticed, first }, words)}
      </p>
      <div className="demo-buttons">
        {other === undefined ? null : <OtherAccount other={other} first={first} isOutage={down.length > 0} />}
        <BreakButtons down={down} />
      </div>
    </aside>
  );
}

interface Scene {
  readonly down: readonly DemoPart[];
  readonly isNoticed: boolean;
  readonly first: string;
}

function textOf({ down, isNoticed, first }: Scene, words: DemoWords): string {
  if (down.length === 0) return isNoticed ? words.justHealed : words.works;
  if (!isNoticed) return words.justBroken;
  return down.includes('webmail') ? words.allBroken : words.broken(first);
}

function BreakButtons({ down }: { readonly down: readonly DemoPart[] }): ReactNode {
  const words = useWords();
  const { http } = useJmap();
  const client = useQueryClient();
  const toasts = useToasts();
  const { mutate, isPending } = useMutation({
    mutationFn: (parts: readonly DemoPart[]) => setDown(http, parts),
    onSuccess: (state) => client.setQueryData(KEY, state),
    onError: (error) => toasts.show({ text: failureText(error, words), kind: 'failed' }),
  });
  const demo = useDemoWords();
  if (down.length === 0) {
    return (
      <button type="button" className="quiet-button demo-break" disabled={isPending} onClick={() => mutate(MAIL_SERVERS)}>
        <Icon name="warning" size={16} />
        {demo.break}
      </button>
    );
  }
  return (
    <>
      {down.includes('webmail') ? null : (
        <button type="button" className="quiet-button demo-break" disabled={isPending} onClick={() => mutate(EVERYTHING)}>
          {demo.breakWebmail}
        </button>
      )}
      <button type="button" className="primary-button" disabled={isPending} onClick={() => mutate([])}>
        <Icon name="check" size={16} />
        {demo.heal}
      </button>
    </>
  );
}
