import type { ReactNode } from 'react';
import type { Http } from '../api/http.ts';
import { useWords } from '../words/use-words.ts';
import { LogInForm } from './log-in-form.tsx';

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
        <p className="log-in-foot">
          <a href="/status">{words.logIn.status}</a>
        </p>
      </div>
    </main>
  );
}
