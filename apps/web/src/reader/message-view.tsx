import type { ReactNode } from 'react';
import type { Message } from '../api/methods.ts';
import { plainText } from '../list/address-text.ts';
import { labelsOf } from '../list/labels.ts';
import type { Commands } from '../shell/mail-view.tsx';
import { useWords } from '../words/use-words.ts';
import { ConversationLinks } from './conversation-links.tsx';
import { MessageContent } from './message-content.tsx';
import { MessageLabels } from './message-labels.tsx';
import { ReaderBar } from './reader-bar.tsx';

/** One message by itself. */
export function MessageView({ message, commands }: { readonly message: Message; readonly commands: Commands }): ReactNode {
  const words = useWords();
  return (
    <>
      <ReaderBar message={message} isFlagged={Object.hasOwn(message.keywords, '$flagged')} commands={commands} />
      <article className="message" aria-labelledby="message-subject">
        <h1 id="message-subject" className="message-title" dir="auto">
          {plainText(message.subject ?? '') || words.list.noSubject}
        </h1>
        <MessageLabels keywords={labelsOf([message])} />
        <MessageContent message={message} />
        <ConversationLinks message={message} />
      </article>
    </>
  );
}
