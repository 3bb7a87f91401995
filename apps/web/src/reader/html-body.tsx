import { useCallback, useEffect, useEffectEvent, useRef, useState, type ReactNode } from 'react';
import { isPassing } from '../api/failures.ts';
import type { Message } from '../api/methods.ts';
import { useComposer } from '../composer/composer-around.tsx';
import { untilLoaded } from '../offline/until-loaded.ts';
import { useReconnected } from '../offline/use-reconnected.ts';
import { useJmap } from '../shell/mail-session.tsx';
import { Icon } from '../shell/icons.tsx';
import { useWords } from '../words/use-words.ts';
import type { FilledFrame } from './mail-frame.ts';

/** Filled in by the build: the page beside this one that mail is put into. */
declare const MAIL_FRAME: string;

/*
 * Without allow-scripts nothing in it can run, whatever gets past the sanitiser; with allow-same-origin this page can put the message into it. The page
 * in the frame comes with a policy of its own, which lets nothing be loaded but images, and those from outside only when they were asked for.
 */
const SANDBOX = 'allow-same-origin allow-popups allow-popups-to-escape-sandbox';
const FIRST_HEIGHT_PX = 120;

export function HtmlBody({ message, html }: { readonly message: Message; readonly html: string }): ReactNode {
  const words = useWords();
  const [isRemoteShown, setIsRemoteShown] = useState(false);
  const [hasRemote, setHasRemote] = useState(false);
  const [isMissing, setIsMissing] = useState(false);
  const [tries, setTries] = useState(0);
  const retry = useCallback(() => setTries((before) => before + 1), []);
  useReconnected(retry);
  return (
    <div className="html-body">
      {hasRemote && !isRemoteShown ? (
        <div className="images-blocked">
          <Icon name="image" size={18} />
          <span>{words.read.imagesBlocked}</span>
          <button type="button" className="text-button" onClick={() => setIsRemoteShown(true)}>
            {words.read.showImages}
          </button>
        </div>
      ) : null}
      {isMissing ? (
        <div className="images-blocked" role="status">
          <Icon name="cloud" size={18} />
          <span>{words.read.imagesNotHere}</span>
          <button type="button" className="text-button" onClick={retry}>
            {words.app.retry}
          </button>
        </div>
      ) : null}
      <Frame
        key={String(isRemoteShown)}
        message={message}
        html={html}
        isRemoteShown={isRemoteShown}
        tries={tries}
        onRemote={setHasRemote}
        onMissing={setIsMissing}
      />
    </div>
  );
}

interface FrameProps {
  readonly message: Message;
  readonly html: string;
  readonly isRemoteShown: boolean;
  /** More of them: images that could not be had are asked for again. */
  readonly tries: number;
  readonly onRemote: (hasRemote: boolean) => void;
  readonly onMissing: (isMissing: boolean) => void;
}

function Frame({ message, html, isRemoteShown, tries, onRemote, onMissing }: FrameProps): ReactNode {
  const words = useWords();
  const jmap = useJmap();
  const composer = useComposer();
  const frame = useRef<HTMLIFrameElement>(null);
  const filled = useRef<FilledFrame>(undefined);
  const isGone = useRef(false);
  const [height, setHeight] = useState(FIRST_HEIGHT_PX);

  const fill = useEffectEvent(async () => {
    // The sanitiser comes with the first message of this kind.
    const { fillFrame } = await untilLoaded(() => import('./mail-frame.ts'));
    const { current } = frame;
    if (current?.contentDocument === null || current?.contentDocument === undefined || isGone.current) return;
    filled.current?.stop();
    filled.current = fillFrame(current.contentDocument, html, {
      isRemoteShown,
      quoteLabel: words.read.showQuote,
      imageOf: async (cid) => {
        const part = message.attachments.find((one) => one.cid === cid);
        if (part === undefined || part.blobId === null) return undefined;
        return jmap.download(part.blobId, part.name ?? 'image', part.type).catch((error: unknown) => {
          if (isPassing(error)) throw error;
          return undefined;
        });
      },
      onMissing,
      onHeight: setHeight,
      onMailto: (address) => composer.open({ kind: 'mailto', address }),
    });
    onRemote(filled.current.hasRemote);
  });
  useEffect(() => {
    if (tries > 0) filled.current?.retryImages();
  }, [tries]);
  useEffect(() => {
    isGone.current = false;
    return () => {
      isGone.current = true;
      filled.current?.stop();
    };
  }, []);
  return (
    <iframe
      ref={frame}
      className="mail-frame"
      title={words.read.frame}
      sandbox={SANDBOX}
      src={isRemoteShown ? './mail-frame.html?remote' : `./${MAIL_FRAME}`}
      referrerPolicy="no-referrer"
      style={{ height }}
      onLoad={() => void fill()}
    />
  );
}
