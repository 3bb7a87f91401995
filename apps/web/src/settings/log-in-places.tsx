import { useQuery } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { endLogIn, listLogIns, type LogInPlace } from '../api/log-in.ts';
import { failureText } from '../shell/failure-text.ts';
import { useJmap } from '../shell/mail-session.tsx';
import { useToasts } from '../shell/toasts.tsx';
import { useFormats, useWords } from '../words/use-words.ts';
import { browserOf } from './browser-of.ts';
import { useSettingsWords, type SettingsWords } from './use-settings-words.ts';

/** Where one is logged in, and how to end it there: a lost phone, a computer at a hotel. */
export function LogInPlaces(): ReactNode {
  const texts = useSettingsWords();
  const { http } = useJmap();
  const { data, isError, refetch } = useQuery({
    queryKey: ['places'],
    queryFn: () => listLogIns(http),
    refetchInterval: false,
    retry: false,
  });
  return (
    <>
      <h3>{texts.places}</h3>
      <div className="settings-account">
        {isError ? <p className="hint">{texts.placesFailed}</p> : null}
        <ul className="log-in-places">
          {(data ?? []).map((place) => (
            <PlaceLine key={place.id} place={place} onEnded={() => void refetch()} />
          ))}
        </ul>
      </div>
    </>
  );
}

function PlaceLine({ place, onEnded }: { readonly place: LogInPlace; readonly onEnded: () => void }): ReactNode {
  const words = useWords();
  const texts = useSettingsWords();
  const { http } = useJmap();
  const { moment } = useFormats();
  const toasts = useToasts();
  const [isBusy, setIsBusy] = useState(false);
  const name = nameOf(place.agent, texts);
  const end = async (): Promise<void> => {
    setIsBusy(true);
    try {
      await endLogIn(http, place.id);
      toasts.show({ text: texts.ended });
    } catch (error) {
      toasts.show({ text: failureText(error, words), kind: 'failed' });
    }
    setIsBusy(false);
    onEnded();
  };
  return (
    <li>
      <span>
        {name}
        {place.isThis ? <strong> ({texts.thisBrowser})</strong> : null}
        <span className="hint">{texts.lastUsed(moment(place.renewedAt))}</span>
      </span>
      {place.isThis ? null : (
        <button type="button" className="quiet-button" disabled={isBusy} aria-label={texts.endOf(name)} onClick={() => void end()}>
          {texts.end}
        </button>
      )}
    </li>
  );
}

function nameOf(agent: string, texts: SettingsWords): string {
  const { browser, system } = browserOf(agent);
  if (browser === undefined) return texts.unknownBrowser;
  return system === undefined ? browser : texts.browserOn(browser, system);
}
