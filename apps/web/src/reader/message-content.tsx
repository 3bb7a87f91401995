import { lazy, Suspense, useState, type ReactNode } from 'react';
import type { Message } from '../api/methods.ts';
import { untilLoaded } from '../offline/until-loaded.ts';
import { IconButton } from '../shell/button.tsx';
import { useWords } from '../words/use-words.ts';
import { AttachmentList } from './attachment-list.tsx';
import { HtmlBody } from './html-body.tsx';
import { MessageHeader } from './message-header.tsx';
import { calendarsOf, htmlOf, textOf } from './message-text.ts';
import { isForward } from './quoted-heads.ts';
import { SourceDialog } from './source-dialog.tsx';
import { TextBody } from './text-body.tsx';

const Invitations = lazy(async () => ({ default: (await untilLoaded(() => import('./invitations.tsx'))).Invitations }));

interface MessageContentProps {
  readonly message: Message;
  /** Further buttons beside those that say how it is shown. */
  readonly children?: ReactNode;
}

/** Who, to whom, when; the text; what is attached. */
export function MessageContent({ message, children }: MessageContentProps): ReactNode {
  const words = useWords();
  const [isSourceShown, setIsSourceShown] = useState(false);
  const [isPlain, setIsPlain] = useState(false);
  const html = htmlOf(message);
  const text = textOf(message);
  return (
    <>
      <MessageHeader message={message}>
        {html === undefined ? null : (
          <button type="button" className="text-button" aria-pressed={isPlain} onClick={() => setIsPlain(!isPlain)}>
            {isPlain ? words.read.html : words.read.plain}
          </button>
        )}
        <IconButton icon="source" label={words.act.source} onClick={() => setIsSourceShown(true)} />
        {children}
      </MessageHeader>
      {calendarsOf(message).map((part) => (
        <Suspense key={part.blobId}>
          <Invitations part={part} />
        </Suspense>
      ))}
      {html !== undefined && !isPlain ? (
        <HtmlBody message={message} html={html.value} />
      ) : (
        <TextBody
          text={text?.value ?? html?.value ?? ''}
          isHtml={text === undefined && html !== undefined}
          isForward={isForward(message.subject)}
        />
      )}
      {html?.isTruncated === true || text?.isTruncated === true ? <p className="hint">{words.read.truncated}</p> : null}
      <AttachmentList message={message} />
      {isSourceShown ? <SourceDialog message={message} onClose={() => setIsSourceShown(false)} /> : null}
    </>
  );
}
