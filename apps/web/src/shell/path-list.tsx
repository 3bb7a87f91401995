import type { ReactNode } from 'react';
import type { PathState } from '../api/outbox.ts';
import { useFormats, useWords } from '../words/use-words.ts';
import { pathName } from './situation-text.ts';

/** Each way to the provider, and how it is. */
export function PathList({ paths }: { readonly paths: readonly PathState[] }): ReactNode {
  const words = useWords();
  const { moment } = useFormats();
  return (
    <ul className="paths">
      {paths.map(({ direction, kind, state, since }, index) => (
        // Their order is the configuration's, and stays.
        <li key={index} className={`path path-${state}`}>
          <span className="path-mark" aria-hidden="true" />
          {words.situation[direction]}, {pathName(kind, words.situation)}: {words.situation.pathState[state]}
          {since === null ? '' : ` ${words.situation.since(moment(since))}`}
        </li>
      ))}
    </ul>
  );
}
