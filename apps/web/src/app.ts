import { useCallback, useEffect, useState, type ReactNode } from 'react';
import type { Http } from './api/http.ts';
import { LogInAgain } from './login/log-in-again.tsx';
import { useQuietMoment } from './login/use-quiet-moment.ts';
import { LogInScreen } from './login/log-in-screen.tsx';
import type { LogInGate, WhyAgain } from './login/log-in-gate.ts';
import { useDevice } from './offline/device.ts';
import { whoIsIn, type Person } from './offline/who-is-in.ts';
import { MailSession } from './shell/mail-session.tsx';
import { Shell } from './shell/shell.tsx';
import { ToastsAround } from './shell/toasts.tsx';
import { Failed, Loading } from './shell/states.tsx';
import { useWords } from './words/use-words.ts';

type State =
  | { readonly kind: 'asking' }
  | { readonly kind: 'failed' }
  | { readonly kind: 'out' }
  | { readonly kind: 'in'; readonly person: Person };

/** Nobody, or somebody: the log-in screen or the mailbox; over it, when the session ends, the question for the password. */
export function App({ http, gate }: { readonly http: Http; readonly gate: LogInGate }): ReactNode {
  const words = useWords();
  const device = useDevice();
  const [state, setState] = useState<State>({ kind: 'asking' });
  const [why, setWhy] = useState<WhyAgain>();
  const mayAsk = useQuietMoment(why !== undefined);

  const look = useCallback(() => {
    whoIsIn(http, device).then(
      (person) => setState(person === undefined ? { kind: 'out' } : { kind: 'in', person }),
      () => setState({ kind: 'failed' }),
    );
  }, [http, device]);
  useEffect(look, [look]);
  useEffect(() => gate.listen(setWhy), [gate]);

  switch (state.kind) {
    case 'asking':
      return <Loading label={words.app.loading} />;
    case 'failed':
      return (
        <main>
          <h1 className="visually-hidden">{words.app.name}</h1>
          <Failed text={words.logIn.noAnswer} hint={words.logIn.noAnswerHint} onRetry={look} />
        </main>
      );
    case 'out':
      return <LogInScreen http={http} onIn={look} />;
    case 'in':
      return (
        <MailSession person={state.person} http={http}>
          <ToastsAround>
            <Shell />
            {mayAsk && why !== undefined ? <LogInAgain http={http} person={state.person} why={why} onIn={() => gate.passed()} /> : null}
          </ToastsAround>
        </MailSession>
      );
  }
}
