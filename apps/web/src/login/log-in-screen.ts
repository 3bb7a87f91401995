import { lazy, Suspense, type ReactNode } from 'react';
import type { Http } from '../api/http.ts';
import { isDemo } from '../demo/is-demo.ts';
import { useWords } from '../words/use-words.ts';
import { LogInForm } from './log-in-form.tsx';

const DemoLogIns = lazy(async () => ({ default: (await import('../demo/demo-log-ins.tsx')).DemoLogIns }));

export function LogInScreen({ http, onIn }: { readonly http: Http; readonly onIn: () => void }): ReactNode {
  const words = useWords();
  return (
    <main className="log-in">
      <div className="log-in-card">
        <p className="brand">
          <img src="./icon.svg" alt="" width="36" height="36" />
          {words.app.name}
        </p>
        <h1>{words.logIn.title}</h1>
        <p className="lead">{words.logIn.lead}</p>
        <LogInForm http={http} asksForDevice onIn={onIn} />
        {isDemo() ? (
          <Suspense>
            <DemoLogIns http={http} onIn={onIn} />
          </Suspense>
        ) : null}
        <p className="log-in-foot">
          <a href="/status">{words.logIn.status}</a>
        </p>
      </div>
    </main>
  );
}
