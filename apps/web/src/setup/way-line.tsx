import { useId, type ReactNode } from 'react';
import type { ProbeAnswer } from '../api/setup.ts';
import { Icon } from '../shell/icons.tsx';
import { useSetupWords } from '../words/setup/use-setup-words.ts';
import { placeOf, type Way } from './ways.ts';

interface WayLineProps {
  readonly way: Way;
  readonly onUse: (isUsed: boolean) => void;
}

/** One way, and what came of asking it. */
export function WayLine({ way, onUse }: WayLineProps): ReactNode {
  const { ways: words } = useSetupWords();
  const id = useId();
  const { path, answer } = way;
  const security = 'security' in path ? `, ${words.securities[path.security]}` : '';
  return (
    <li className="way">
      <input
        id={id}
        type="checkbox"
        checked={way.isUsed}
        aria-describedby={`${id}-answer`}
        onChange={({ target }) => onUse(target.checked)}
      />
      <div>
        <label htmlFor={id}>
          {words.kinds[path.kind]} <span className="way-place">{placeOf(path)}</span>
        </label>
        <p className="hint">
          {words.sources[way.source]}
          {security}
        </p>
        <p id={`${id}-answer`} className={`way-answer ${answer === undefined ? '' : answer.answered ? 'is-good' : 'is-bad'}`}>
          {answer === undefined ? (
            <>
              <span className="spinner" aria-hidden="true" />
              {words.asking}
            </>
          ) : (
            <>
              <Icon name={answer.answered ? 'check' : 'warning'} size={16} />
              <span>{answer.answered ? words.answers(answer.elapsedMs) : <NoAnswer {...answer} />}</span>
            </>
          )}
        </p>
      </div>
    </li>
  );
}

/** In the reader's language, and then in the relay's own words, which say more. */
function NoAnswer({ class: kind, reason }: Extract<ProbeAnswer, { readonly answered: false }>): ReactNode {
  const { ways: words } = useSetupWords();
  const why = Object.entries(words.reasons).find(([one]) => one === kind)?.[1];
  return (
    <>
      {why === undefined ? words.fails : `${words.fails}: ${why}`}
      <span className="hint" lang="en">
        {` (${reason})`}
      </span>
    </>
  );
}
