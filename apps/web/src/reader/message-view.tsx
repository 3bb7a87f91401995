import { useState, type ReactNode } from 'react';
import type { Message } from '../api/methods.ts';
import { plainText } from '../list/address-text.ts';
import type { Commands } from '../shell/mail-view.tsx';
import { useWords } from '../words/use-words.ts';
import { AttachmentList } from './attachment-list.tsx';
import { Conversation } from './conversation.tsx';
import { HtmlBody } from './html-body.tsx';
import { MessageHeader } from './message-header.tsx';
import { htmlOf, textOf } from './message-text.ts';
import { ReaderBar } from './reader-bar.tsx';
import { SourceDialog } from './source-dialog.tsx';
import { TextBody } from './text-body.tsx';

export function MessageView({ message, commands }: { readonly message: Message; readonly commands: Commands }): ReactNode {
  const words = useWords();
  const [isSourceShown, setIsSourceShown] = useState(false);
  const [isPlain, setIsPlain] = useState(false);
  const html = htmlOf(message);
  const text = textOf(message);
  const canChoose = html !== undefined;
  return (
    <>
      <ReaderBar
        message={message}
        commands={commands}
        onSource={() => setIsSourceShown(true)}
        {...(canChoose ? { isPlain, onPlain: () => setIsPlain(!isPlain) } : {})}
      />
      <article className="message" aria-labelledby="message-subject">
        <h1 id="message-subject" className="message-title" dir="auto">
          {plainText(message.subject ?? '') || words.list.noSubject}
        </h1>
        <MessageHeader message={message} />
        {html !== undefined && !isPlain ? (
          <HtmlBody message={message} html={html.value} />
        ) : (
          <TextBody text={text?.value ?? html?.value ?? ''} isHtml={text === undefined && html !== undefined} />
        )}
        {html?.isTruncated === true || text?.isTruncated === true ? <p className="hint">{words.read.truncated}</p> : null}
        <AttachmentList message={message} />
        <Conversation message={message} />
      </article>
      {isSourceShown ? <SourceDialog message={message} onClose={() => setIsSourceShown(false)} /> : null}
    </>
  );
}
