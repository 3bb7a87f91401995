import type { QueryClient } from '@tanstack/react-query';
import { lazy, Suspense, useEffect, useState, type ReactNode } from 'react';
import type { Http } from '../api/http.ts';
import type { LogInGate, WhyAgain } from '../login/log-in-gate.ts';
import { useQuietMoment } from '../login/use-quiet-moment.ts';
import { registerWorker } from '../offline/register-worker.ts';
import { untilLoaded } from '../offline/until-loaded.ts';
import type { Person } from '../offline/who-is-in.ts';
import { loadOpened } from '../reader/reader.tsx';
import { MailSession } from './mail-session.tsx';
import { Shell } from './shell.tsx';
import { ToastsAround } from './toasts.tsx';
import { WhenQuiet } from './when-quiet.tsx';

const loadLogInAgain = () => untilLoaded(() => import('../login/log-in-again.tsx'));
const LogInAgain = lazy(async () => ({ default: (await loadLogInAgain()).LogInAgain }));
const WORKER_AFTER_MS = 2000;

export interface MailboxProps {
  readonly http: Http;
  readonly gate: LogInGate;
  readonly person: Person;
  readonly client: QueryClient;
  /** When its first answers were asked for. */
  readonly askedMs: number;
}

/** All that somebody who is logged in sees; over it, when the session ends, the question for the password. */
export function Mailbox({ http, gate, person, client, askedMs }: MailboxProps): ReactNode {
  const [why, setWhy] = useState<WhyAgain>();
  const mayAsk = useQuietMoment(why !== undefined);
  useEffect(() => gate.listen(setWhy), [gate]);
  return (
    <MailSession person={person} http={http} client={client} askedMs={askedMs}>
      <ToastsAround>
        <Shell>
          <Suspense>
            {mayAsk && why !== undefined ? <LogInAgain http={http} person={person} why={why} onIn={() => gate.passed()} /> : null}
          </Suspense>
        </Shell>
      </ToastsAround>
      <WhenQuiet act={loadLater} />
    </MailSession>
  );
}

/** On a bad line, and on a slow phone, the first lines of mail come first; then what opens them; then what the worker keeps, which is more than all of it. */
function loadLater(): void {
  void loadOpened().then(() => {
    setTimeout(registerWorker, WORKER_AFTER_MS);
    // When it is needed the relay may be of another build, and have it no more.
    void loadLogInAgain();
  });
}
