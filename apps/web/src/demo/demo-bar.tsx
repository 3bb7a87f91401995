import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { logIn } from '../api/log-in.ts';
import { useComposer } from '../composer/composer-around.tsx';
import { failureText } from '../shell/failure-text.ts';
import { Icon } from '../shell/icons.tsx';
import { useJmap } from '../shell/mail-session.tsx';
import { useToasts } from '../shell/toasts.tsx';
import { useSituation } from '../shell/use-situation.ts';
import { useWords } from '../words/use-words.ts';
import { readDemo, setOutage, type DemoAccount } from './demo-api.ts';
import './demo.css';

/** Somebody else may press the same button. */
const POLL_MS = 3000;
const KEY = ['demo'];

/** Above everything, and set apart from it: what a visitor does to the practice provider, and what to try next. */
export function DemoBar(): ReactNode {
  const words = useWords().demo;
  const { http, address } = useJmap();
  const { data } = useQuery({ queryKey: KEY, queryFn: ({ signal }) => readDemo(http, signal), refetchInterval: POLL_MS });
  const isNoticed = useSituation().situation?.paths.some(({ state }) => state === 'down') === true;
  if (data === undefined || data === null) return null;
  const other = data.accounts.find((account) => account.address !== address);
  const first = other?.name.split(' ', 1)[0] ?? '';
  return (
    <aside className="demo-bar" aria-label={words.title}>
      <strong className="demo-mark">{words.title}</strong>
      <p className="demo-text" role="status">
        {data.outage ? (isNoticed ? words.broken(first) : words.justBroken) : isNoticed ? words.justHealed : words.works}
      </p>
      <div className="demo-buttons">
        {other === undefined ? null : <OtherAccount other={other} first={first} isOutage={data.outage} />}
        <OutageButton isOutage={data.outage} />
      </div>
    </aside>
  );
}

function OutageButton({ isOutage }: { readonly isOutage: boolean }): ReactNode {
  const all = useWords();
  const { http } = useJmap();
  const client = useQueryClient();
  const toasts = useToasts();
  const { mutate, isPending } = useMutation({
    mutationFn: () => setOutage(http, !isOutage),
    onSuccess: (state) => client.setQueryData(KEY, state),
    onError: (error) => toasts.show({ text: failureText(error, all), kind: 'failed' }),
  });
  return (
    <button type="button" className={isOutage ? 'primary-button' : 'quiet-button demo-break'} disabled={isPending} onClick={() => mutate()}>
      <Icon name={isOutage ? 'check' : 'warning'} size={16} />
      {isOutage ? all.demo.heal : all.demo.break}
    </button>
  );
}

interface OtherAccountProps {
  readonly other: DemoAccount;
  readonly first: string;
  readonly isOutage: boolean;
}

function OtherAccount({ other, first, isOutage }: OtherAccountProps): ReactNode {
  const words = useWords().demo;
  const { http } = useJmap();
  const composer = useComposer();
  const [isGoing, setIsGoing] = useState(false);
  const go = async (): Promise<void> => {
    setIsGoing(true);
    // The new session takes the place of this one; the page begins anew with it.
    await logIn(http, other.address, other.password);
    location.hash = '';
    location.reload();
  };
  return (
    <>
      {isOutage ? (
        <button type="button" className="quiet-button" onClick={() => composer.open({ kind: 'mailto', address: other.address })}>
          <Icon name="compose" size={16} />
          {words.write(first)}
        </button>
      ) : null}
      <button type="button" className="quiet-button" disabled={isGoing} onClick={() => void go().catch(() => setIsGoing(false))}>
        {words.mailboxOf(first)}
      </button>
    </>
  );
}
