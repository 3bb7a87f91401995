import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import type { Device } from '../offline/device.ts';
import { DeviceContext } from '../offline/use-device.ts';
import { PreferencesAround } from '../settings/preferences-around.tsx';
import type { Preferences } from '../settings/preferences.ts';
import type { Spoken } from '../words/load-words.ts';
import { SpeechAround } from '../words/speech-around.tsx';
import { Mailbox, type MailboxProps } from './mailbox.tsx';
import '../style/mailbox.css';

interface MailboxOptions extends MailboxProps {
  readonly preferences: Preferences;
  readonly device: Device;
  readonly spoken: Spoken;
}

/** What stands in the place stays until there is something to take its place. */
export function showMailbox(place: Element, { preferences, device, spoken, ...mailbox }: MailboxOptions): void {
  createRoot(place).render(
    <StrictMode>
      <PreferencesAround preferences={preferences}>
        <SpeechAround first={spoken}>
          <DeviceContext value={device}>
            <Mailbox {...mailbox} />
          </DeviceContext>
        </SpeechAround>
      </PreferencesAround>
    </StrictMode>,
  );
}
