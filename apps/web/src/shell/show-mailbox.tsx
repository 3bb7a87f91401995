import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import type { Device } from '../offline/device.ts';
import { DeviceContext } from '../offline/use-device.ts';
import { PreferencesAround } from '../settings/preferences-around.tsx';
import type { Preferences } from '../settings/preferences.ts';
import type { Spoken } from '../words/load-words.ts';
import { SpeechAround } from '../words/speech-around.tsx';
import { createCache } from './create-cache.ts';
import type { FirstMail } from './first-mail.ts';
import { Mailbox, type MailboxProps } from './mailbox.tsx';
import '../style/mailbox.css';

interface MailboxOptions extends Omit<MailboxProps, 'client' | 'askedMs'> {
  readonly preferences: Preferences;
  readonly device: Device;
  readonly spoken: Spoken;
  readonly first: FirstMail;
}

/** What stands in the place stays until there is something to take its place: as much as there is by then is drawn at once. */
export async function showMailbox(
  place: Element,
  { preferences, device, spoken, first: { askedMs, queries }, ...mailbox }: MailboxOptions,
): Promise<void> {
  const { resource, store } = mailbox.person;
  const client = createCache();
  const keys = queries.map(({ queryKey }) => queryKey);
  await store?.keepAnswers(client, resource.username, keys);
  for (const query of queries) void client.prefetchQuery(query);
  createRoot(place).render(
    <StrictMode>
      <PreferencesAround preferences={preferences}>
        <SpeechAround first={spoken}>
          <DeviceContext value={device}>
            <Mailbox {...mailbox} client={client} askedMs={askedMs} />
          </DeviceContext>
        </SpeechAround>
      </PreferencesAround>
    </StrictMode>,
  );
}
