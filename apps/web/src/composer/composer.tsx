import { useQuery } from '@tanstack/react-query';
import { useMemo, type ReactNode } from 'react';
import { findMessage } from '../api/mail.ts';
import type { Message } from '../api/methods.ts';
import { textOfHtml } from '../reader/text-of-html.ts';
import { useJmap } from '../shell/mail-session.tsx';
import { usePreferences } from '../settings/use-preferences.ts';
import { useFormats, useWords } from '../words/use-words.ts';
import { ComposerWindow } from './composer-window.tsx';
import { newMessageId, type Draft } from './draft.ts';
import { parseRecipients } from './recipients.ts';
import { forwardDraft, newDraft, replyDraft, takenUpDraft, type ComposerStart, type StartOptions } from './start-draft.ts';

export interface ComposerProps {
  readonly start: ComposerStart;
  readonly isFront: boolean;
  readonly onFront: (isFront: boolean) => void;
  readonly onClose: () => void;
}

/** Fetches what the message begins with, then opens the window for it. */
export function Composer(props: ComposerProps): ReactNode {
  const { start } = props;
  const jmap = useJmap();
  const words = useWords();
  const { long } = useFormats();
  const { preferences } = usePreferences();
  const id = 'messageId' in start ? start.messageId : undefined;
  const { data: message } = useQuery({
    queryKey: ['message', id],
    queryFn: async ({ signal }) => (id === undefined ? null : ((await findMessage(jmap, id, signal)) ?? null)),
    enabled: id !== undefined,
    staleTime: 60_000,
  });
  // Made once: what is written must not change when the language or the message does.
  const isReady = id === undefined || message !== undefined;
  const first = useMemo(() => {
    if (!isReady) return undefined;
    const options: StartOptions = {
      words,
      longDate: long,
      own: [jmap.address],
      writesRich: preferences.writesRich,
      signature: preferences.signature,
      messageId: newMessageId(jmap.address, crypto.randomUUID()),
      textOfHtml,
    };
    return firstDraft(start, message ?? undefined, options);
  }, [isReady]);
  if (first === undefined) return null;
  return <ComposerWindow {...props} first={first} savedId={savedIdOf(start)} />;
}

function savedIdOf(start: ComposerStart): string | undefined {
  if (start.kind === 'kept') return start.kept.savedId;
  return start.kind === 'draft' ? start.messageId : undefined;
}

function firstDraft(start: ComposerStart, message: Message | undefined, options: StartOptions): Draft {
  if (start.kind === 'mailto') return newDraft(options, parseRecipients(start.address));
  if (start.kind === 'kept') return start.kept.draft;
  if (start.kind === 'new' || message === undefined) return newDraft(options);
  switch (start.kind) {
    case 'reply':
    case 'replyAll':
      return replyDraft(message, start.kind === 'replyAll', options);
    case 'forward':
      return forwardDraft(message, options);
    case 'draft':
      return takenUpDraft(message, options);
  }
}
