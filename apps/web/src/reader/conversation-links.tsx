import type { ReactNode } from 'react';
import type { Message } from '../api/methods.ts';
import { plainText, shortName } from '../list/address-text.ts';
import { hashOf, withMessage } from '../shell/place.ts';
import { useListPlace } from '../shell/use-place.ts';
import { useFormats, useWords } from '../words/use-words.ts';
import { useThread } from './use-thread.ts';

/** For those who read messages one by one: what else belongs to the conversation, whatever folder it is in. */
export function ConversationLinks({ message }: { readonly message: Message }): ReactNode {
  const words = useWords();
  const { short } = useFormats();
  const place = useListPlace();
  const data = useThread(message.threadId) ?? [];
  if (data.length < 2) return null;
  return (
    <nav className="conversation" aria-label={words.read.conversation(data.length)}>
      <h2>{words.read.conversation(data.length)}</h2>
      <ol>
        {data.map((one) => (
          <li key={one.id}>
            <a href={hashOf(withMessage(place, one.id))} aria-current={one.id === message.id ? 'true' : undefined}>
              <span className="conversation-who" dir="auto">
                {(one.from ?? []).map(shortName).join(', ')}
              </span>
              <span className="conversation-preview" dir="auto">
                {plainText(one.preview)}
              </span>
              <time dateTime={one.receivedAt}>{short(one.receivedAt)}</time>
            </a>
          </li>
        ))}
      </ol>
    </nav>
  );
}
