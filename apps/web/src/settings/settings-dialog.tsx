import { useId, useRef, type ReactNode } from 'react';
import { logOut } from '../api/log-in.ts';
import { closeLetters } from '../composer/open-letters.ts';
import { useDevice } from '../offline/use-device.ts';
import { useJmap } from '../shell/mail-session.tsx';
import { usePost } from '../offline/post-around.tsx';
import { useAsk } from '../shell/ask.tsx';
import { failureText } from '../shell/failure-text.ts';
import { Modal } from '../shell/modal.tsx';
import { useToasts } from '../shell/toasts.tsx';
import type { Language } from '../words/load-words.ts';
import { useWords } from '../words/use-words.ts';
import { LogInPlaces } from './log-in-places.tsx';
import { NameField } from './name-field.tsx';
import type { Theme } from './preferences.ts';
import { SignatureField } from './signature-field.tsx';
import { usePreferences } from './use-preferences.ts';
import { useSettingsWords } from './use-settings-words.ts';

const LANGUAGES: readonly (readonly [Language, string])[] = [
  ['en', 'English'],
  ['de', 'Deutsch'],
];
const THEMES: readonly Theme[] = ['system', 'light', 'dark'];

interface SettingsDialogProps {
  readonly onClose: () => void;
  readonly onPrograms: () => void;
}

export function SettingsDialog({ onClose, onPrograms }: SettingsDialogProps): ReactNode {
  const words = useWords();
  const texts = useSettingsWords();
  const jmap = useJmap();
  const device = useDevice();
  const toasts = useToasts();
  const { preferences, change } = usePreferences();
  const id = useId();
  const { office } = usePost();
  const ask = useAsk();
  const isLeaving = useRef(false);
  const mayLeaveChanges = async (): Promise<boolean> => {
    const isAllThere =
      (await office?.filings.untilCarried().then(
        () => true,
        () => false,
      )) ?? true;
    return (
      isAllThere || ask({ text: office?.isKept === true ? words.post.logOutChanges : words.post.logOutLosesChanges, yes: texts.logOut })
    );
  };
  /** A second click would ask a second time. */
  const leaveOnce = async (everywhere: boolean): Promise<void> => {
    if (isLeaving.current) return;
    isLeaving.current = true;
    await leave(everywhere).finally(() => {
      isLeaving.current = false;
    });
  };
  const leave = async (everywhere: boolean): Promise<void> => {
    // What is being written is saved first; what can not be saved is seen.
    if (!(await closeLetters())) return onClose();
    const count = office === undefined ? 0 : office.waiting.letters.length + office.waiting.drafts.length;
    const text = office?.isKept === true ? words.post.logOutQuestion(count) : words.post.logOutLoses(count);
    if (count > 0 && !(await ask({ text, yes: texts.logOut }))) return;
    if (!(await mayLeaveChanges())) return;
    try {
      await logOut(jmap.http, everywhere);
      await device.setOwn(false);
      office?.letGo();
      location.replace(location.pathname);
    } catch (error) {
      // Without the relay the session goes on: nothing is to look as if it had ended.
      toasts.show({ text: failureText(error, words), kind: 'failed' });
      onClose();
    }
  };
  return (
    <Modal title={words.settings.title} onClose={onClose}>
      <div className="settings">
        <label htmlFor={`${id}-language`}>{texts.language}</label>
        <select
          id={`${id}-language`}
          value={preferences.language}
          onChange={({ target }) => change({ language: target.value === 'de' ? 'de' : 'en' })}
        >
          {LANGUAGES.map(([language, name]) => (
            <option key={language} value={language} lang={language}>
              {name}
            </option>
          ))}
        </select>
        <label htmlFor={`${id}-theme`}>{texts.theme}</label>
        <select
          id={`${id}-theme`}
          value={preferences.theme}
          onChange={({ target }) => change({ theme: THEMES.find((theme) => theme === target.value) ?? 'system' })}
        >
          {THEMES.map((theme) => (
            <option key={theme} value={theme}>
              {texts.themes[theme]}
            </option>
          ))}
        </select>
        <NameField />
        <label htmlFor={`${id}-writing`}>{texts.writing}</label>
        <select
          id={`${id}-writing`}
          value={String(preferences.writesRich)}
          onChange={({ target }) => change({ writesRich: target.value === 'true' })}
        >
          <option value="true">{words.write.rich}</option>
          <option value="false">{words.write.plain}</option>
        </select>
        <SignatureField />
        <label htmlFor={`${id}-conversations`}>{texts.lists}</label>
        <label className="check-line">
          <input
            id={`${id}-conversations`}
            type="checkbox"
            checked={preferences.showsConversations}
            onChange={({ target }) => change({ showsConversations: target.checked })}
          />
          {texts.showsConversations}
        </label>
        <label htmlFor={`${id}-keys`}>{texts.keys}</label>
        <label className="check-line">
          <input
            id={`${id}-keys`}
            type="checkbox"
            checked={preferences.hasShortcuts}
            onChange={({ target }) => change({ hasShortcuts: target.checked })}
          />
          {texts.hasShortcuts}
        </label>
        <h3>
          {texts.account}: {jmap.address}
        </h3>
        <div className="settings-account">
          <button type="button" className="quiet-button" onClick={onPrograms}>
            {texts.programs}
          </button>
          <button type="button" className="quiet-button" onClick={() => void leaveOnce(false)}>
            {texts.logOut}
          </button>
          <button type="button" className="quiet-button" title={texts.logOutEverywhereHint} onClick={() => void leaveOnce(true)}>
            {texts.logOutEverywhere}
          </button>
        </div>
        <LogInPlaces />
      </div>
    </Modal>
  );
}
