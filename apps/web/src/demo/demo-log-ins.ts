import { useEffect, useState, type ReactNode } from 'react';
import type { Http } from '../api/http.ts';
import { logIn } from '../api/log-in.ts';
import { useWords } from '../words/use-words.ts';
import { readDemo, type DemoAccount } from './demo-api.ts';
import './demo.css';

/** The practice accounts, to be entered with one press. */
export function DemoLogIns({ http, onIn }: { readonly http: Http; readonly onIn: () => void }): ReactNode {
  const words = useWords().demo;
  const [accounts, setAccounts] = useState<readonly DemoAccount[]>([]);
  const [isBusy, setIsBusy] = useState(false);
  useEffect(() => {
    const stop = new AbortController();
    // Whoever gets no answer has the fields to log in by.
    readDemo(http, stop.signal).then(
      (demo) => setAccounts(demo?.accounts ?? []),
      () => undefined,
    );
    return () => stop.abort();
  }, [http]);
  if (accounts.length === 0) return null;
  const enter = async ({ address, password }: DemoAccount): Promise<void> => {
    setIsBusy(true);
    const result = await logIn(http, address, password).catch(() => undefined);
    setIsBusy(false);
    if (result?.kind === 'in') onIn();
  };
  return (
    <section className="demo-log-ins" aria-label={words.title}>
      <p>{words.logIns}</p>
      {accounts.map((account) => (
        <button key={account.address} type="button" className="quiet-button" disabled={isBusy} onClick={() => void enter(account)}>
          {account.name}
          <span className="hint">{`${account.address}, ${account.password}`}</span>
        </button>
      ))}
    </section>
  );
}
