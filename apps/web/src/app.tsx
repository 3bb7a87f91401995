import type { SessionResource } from '@stopgap/jmap';
import { useCallback, useEffect, useState, type ReactNode } from 'react';
import { findSession } from './api/jmap.ts';
import type { Http } from './api/http.ts';
import { LogInAgain } from './login/log-in-again.tsx';
import { useQuietMoment } from './login/use-quiet-moment.ts';
import { LogInScreen } from './login/log-in-screen.tsx';
import type { LogInGate } from './login/log-in-gate.ts';
import { MailSession } from './shell/mail-session.tsx';
import { Shell } from './shell/shell.tsx';
import { ToastsAround } from './shell/toasts.tsx';
import { Failed, Loading } from './shell/states.tsx';
import { useWords } from './words/use-words.ts';

type State =
  | { readonly kind: 'asking' }
  | { readonly kind: 'failed' }
  | { readonly kind: 'out' }
  | { readonly kind: 'in'; readonly resource: SessionResource };

/** Nobody, or somebody: the log-in screen or the mailbox; over it, when the session ends, the question for the password. */
export function App({ http, gate }: { readonly http: Http; readonly gate: LogInGate }): ReactNode {
  const words = useWords();
  const [state, setState] = useState<State>({ kind: 'asking' });
  const [isAsked, setIsAsked] = useState(false);
  const mayAsk = useQuietMoment(isAsked);

  const look = useCallback(() => {
    findSession(http).then(
      (resource) => setState(resource === undefined ? { kind: 'out' } : { kind: 'in', resource }),
      () => setState({ kind: 'failed' }),
    );
  }, [http]);
  useEffect(look, [look]);
  useEffect(() => gate.listen(setIsAsked), [gate]);

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
        <MailSession resource={state.resource} http={http}>
          <ToastsAround>
            <Shell />
            {mayAsk ? <LogInAgain http={http} address={state.resource.username} onIn={() => gate.passed()} /> : null}
          </ToastsAround>
        </MailSession>
      );
  }
}
