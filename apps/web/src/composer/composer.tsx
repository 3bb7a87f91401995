import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useMemo, useState, type ReactNode } from 'react';
import { identitiesQuery } from '../api/identities.ts';
import { messageQuery } from '../reader/message-query.ts';
import { textOfHtml } from '../reader/text-of-html.ts';
import { useJmap } from '../shell/mail-session.tsx';
import { useToasts } from '../shell/toasts.tsx';
import { usePreferences } from '../settings/use-preferences.ts';
import { useFormats, useWords } from '../words/use-words.ts';
import { ComposerWindow } from './composer-window.tsx';
import { newMessageId } from './draft.ts';
import { firstDraft, signatureOf, type ComposerStart, type StartOptions } from './start-draft.ts';

/** For the signature. */
const LONGEST_WAIT_MS = 1500;

export interface ComposerProps {
  readonly start: ComposerStart;
  readonly isFront: boolean;
  readonly onFront: (isFront: boolean) => void;
  readonly onClose: () => void;
  /** @param draftId its Message-ID */
  readonly onDraft: (draftId: string) => void;
}

/** Fetches what the message begins with, then opens the window for it. */
export function Composer(props: ComposerProps): ReactNode {
  const { start } = props;
  const jmap = useJmap();
  const client = useQueryClient();
  const words = useWords();
  const { long } = useFormats();
  const { preferences } = usePreferences();
  const toasts = useToasts();
  const id = 'messageId' in start ? start.messageId : undefined;
  const { data: message } = useQuery({ ...messageQuery(jmap, client, id ?? ''), enabled: id !== undefined });
  // They are asked for when the window opens. Where no answer comes, one writes without a signature.
  const { data: identities, failureCount } = useQuery(identitiesQuery(jmap));
  const isLate = useAfter(LONGEST_WAIT_MS);
  const isSigned = identities !== undefined || failureCount > 0 || isLate;
  // Made once: what is written must not change when the language or the message does.
  const isReady = isSigned && (id === undefined || message !== undefined);
  const first = useMemo(() => {
    if (!isReady) return undefined;
    const options: StartOptions = {
      words,
      longDate: long,
      own: [jmap.address],
      writesRich: preferences.writesRich,
      signature: signatureOf(identities?.[0] ?? {}, textOfHtml),
      messageId: newMessageId(jmap.address, crypto.randomUUID()),
      textOfHtml,
    };
    return firstDraft(start, message, options);
  }, [isReady]);
  const obstacle = first === 'gone' ? words.read.gone : first === 'tooLong' ? words.write.tooLong : undefined;
  useEffect(() => {
    if (obstacle === undefined) return;
    toasts.show({ text: obstacle, kind: 'failed' });
    props.onClose();
  }, [obstacle]);
  if (first === undefined || first === 'gone' || first === 'tooLong') return null;
  return <ComposerWindow {...props} first={first} savedId={savedIdOf(start)} />;
}

/** True when so much time has passed. */
function useAfter(ms: number): boolean {
  const [isOver, setIsOver] = useState(false);
  useEffect(() => {
    const timer = setTimeout(setIsOver, ms, true);
    return () => clearTimeout(timer);
  }, [ms]);
  return isOver;
}

function savedIdOf(start: ComposerStart): string | undefined {
  if (start.kind === 'kept') return start.taken.kept.savedId;
  return start.kind === 'draft' ? start.messageId : undefined;
}
