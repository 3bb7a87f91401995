import { useEffect, useId, useRef, type ReactNode } from 'react';
import type { Direction, Setup } from '../api/setup.ts';
import { useSetupWords } from '../words/setup/use-setup-words.ts';
import { AddWay } from './add-way.tsx';
import { StepForm } from './step-form.tsx';
import { WayLine } from './way-line.tsx';
import { askedAgain, DIRECTIONS, usedPaths, withAdded, withAnswer, type Way } from './ways.ts';
import type { Draft } from './wizard.tsx';

/** The relay takes a dozen, from all pages together. */
const MOST_AT_ONCE = 5;

interface WaysStepProps {
  readonly setup: Setup;
  readonly draft: Draft;
  readonly onDraft: (change: (draft: Draft | undefined) => Draft | undefined) => void;
  readonly onBack: () => void;
  readonly onNext: () => void;
}

/** The ways that are known, each asked at once; chosen, and added to, by the person. */
export function WaysStep({ setup, draft, onDraft, onBack, onNext }: WaysStepProps): ReactNode {
  const words = useSetupWords();
  const loginId = useId();
  const { ways, proposal } = draft;
  const change = (next: (ways: readonly Way[]) => readonly Way[]): void =>
    onDraft((now) => (now === undefined ? now : { ...now, ways: next(now.ways) }));
  useAnswers(setup, ways, change);
  const isAsking = ways.some(({ answer }) => answer === undefined);
  const count = (direction: Direction): number => usedPaths(ways, direction).length;
  const isEmpty = count('incoming') + count('outgoing') === 0;
  return (
    <StepForm title={words.ways.title(proposal.domain)} lead={words.ways.lead} onSubmit={() => (isEmpty ? undefined : onNext())}>
      {proposal.hint === undefined ? null : <p className="note">{words.ways.hints[proposal.hint]}</p>}
      {DIRECTIONS.map((direction) => (
        <fieldset key={direction} className="ways">
          <legend>{words.ways[direction]}</legend>
          <ul>
            {ways
              .filter((way) => way.direction === direction)
              .map((way) => (
                <WayLine
                  key={way.id}
                  way={way}
                  onUse={(isUsed) => change((all) => all.map((one) => (one.id === way.id ? { ...one, isUsed } : one)))}
                />
              ))}
          </ul>
          {ways.every((way) => way.direction !== direction) ? <p className="hint">{words.ways.none}</p> : null}
          <AddWay direction={direction} onAdd={(added) => change((all) => withAdded(all, added))} />
        </fieldset>
      ))}
      <label htmlFor={loginId}>{words.ways.login}</label>
      <select
        id={loginId}
        value={proposal.login}
        onChange={({ target }) => {
          const login = target.value === 'localpart' ? 'localpart' : 'address';
          onDraft((now) => (now === undefined ? now : { ...now, proposal: { ...now.proposal, login } }));
        }}
      >
        <option value="address">{words.ways.logins.address}</option>
        <option value="localpart">{words.ways.logins.localpart}</option>
      </select>
      <div role="status">
        {isAsking ? null : isEmpty ? (
          <p className="problem">{words.ways.needsOne}</p>
        ) : count('outgoing') === 0 ? (
          <p className="note">{words.ways.noOutgoing}</p>
        ) : null}
      </div>
      <div className="setup-foot">
        <button type="button" className="quiet-button" onClick={onBack}>
          {words.back}
        </button>
        <button type="button" className="quiet-button" disabled={isAsking} onClick={() => change(askedAgain)}>
          {words.ways.again}
        </button>
        <button type="submit" className="primary-button" disabled={isEmpty}>
          {words.next}
        </button>
      </div>
    </StepForm>
  );
}

/** Asks every way that has no answer, once at a time each. */
function useAnswers(setup: Setup, ways: readonly Way[], change: (next: (ways: readonly Way[]) => readonly Way[]) => void): void {
  const underWay = useRef(new Map<string, AbortController>());
  useEffect(() => {
    for (const way of ways) {
      if (underWay.current.size >= MOST_AT_ONCE) break;
      if (way.answer !== undefined || underWay.current.has(way.id)) continue;
      const asking = new AbortController();
      underWay.current.set(way.id, asking);
      void setup.probe(way.direction, way.path, asking.signal).then((answer) => {
        underWay.current.delete(way.id);
        if (!asking.signal.aborted) change((now) => withAnswer(now, way.id, answer));
      });
    }
  });
  useEffect(() => {
    const all = underWay.current;
    return () => {
      for (const asking of all.values()) asking.abort();
      all.clear();
    };
  }, []);
}
