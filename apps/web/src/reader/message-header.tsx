import { useState, type ReactNode } from 'react';
import type { EmailAddress, Message } from '../api/methods.ts';
import { fullName, plainText, pretendedAddress, shortName } from '../list/address-text.ts';
import { Icon } from '../shell/icons.tsx';
import { useJmap } from '../shell/mail-session.tsx';
import { useFormats, useWords } from '../words/use-words.ts';

const SHOWN_RECIPIENTS = 3;

/** Who, to whom, when: in short, and on request in full; beside it what can be done. */
export function MessageHeader({ message, children }: { readonly message: Message; readonly children?: ReactNode }): ReactNode {
  const words = useWords();
  const { long } = useFormats();
  const { address } = useJmap();
  const [isWhole, setIsWhole] = useState(false);
  const [from] = message.from ?? [];
  const recipients = [...(message.to ?? []), ...(message.cc ?? [])];
  const names = recipients
    .slice(0, SHOWN_RECIPIENTS)
    .map((one) => (one.email.toLowerCase() === address.toLowerCase() ? words.read.me : shortName(one)))
    .join(', ');
  const more = recipients.length - SHOWN_RECIPIENTS;
  const pretended = from === undefined ? undefined : pretendedAddress(from);
  return (
    <header className="message-header">
      <span className="avatar" aria-hidden="true">
        {initialOf(from)}
      </span>
      <div className="message-people">
        <p className="message-from" dir="auto">
          {from === undefined ? (
            words.list.noSender
          ) : (
            <>
              <strong>{shortName(from)}</strong>{' '}
              {plainText(from.name ?? '') === '' ? null : <span className="address">{plainText(from.email)}</span>}
            </>
          )}
        </p>
        <p className="message-to" dir="auto">
          {recipients.length === 0 ? null : `${words.list.to(names)}${more > 0 ? ` ${words.read.andMore(more)}` : ''} `}
          <button type="button" className="text-button" aria-expanded={isWhole} onClick={() => setIsWhole(!isWhole)}>
            {words.read.details}
          </button>
        </p>
      </div>
      <div className="message-aside">
        <time className="message-date" dateTime={message.receivedAt}>
          {long(message.receivedAt)}
        </time>
        <div className="message-tools">{children}</div>
      </div>
      {pretended === undefined || from === undefined ? null : (
        <p className="message-warning" role="note">
          <Icon name="warning" size={18} />
          {words.read.spoofed(pretended, plainText(from.email))}
        </p>
      )}
      {isWhole ? <Whole message={message} /> : null}
    </header>
  );
}

function Whole({ message }: { readonly message: Message }): ReactNode {
  const { read } = useWords();
  const { long } = useFormats();
  const rows: readonly [string, readonly EmailAddress[] | null][] = [
    [read.from, message.from],
    [read.replyTo, message.replyTo],
    [read.to, message.to],
    [read.cc, message.cc],
    [read.bcc, message.bcc],
  ];
  return (
    <dl className="message-details">
      {rows.map(([label, addresses]) =>
        addresses === null || addresses.length === 0 ? null : (
          <div key={label}>
            <dt>{label}</dt>
            <dd dir="auto">{addresses.map(fullName).join(', ')}</dd>
          </div>
        ),
      )}
      <div>
        <dt>{read.date}</dt>
        <dd>{long(message.sentAt ?? message.receivedAt)}</dd>
      </div>
    </dl>
  );
}

function initialOf(from: EmailAddress | undefined): string {
  const name = from === undefined ? '' : shortName(from);
  return /\p{L}|\p{N}/u.exec(name)?.[0].toUpperCase() ?? '?';
}
