import { useCallback, useEffect, useEffectEvent, useLayoutEffect, useRef, useState, type ReactNode } from 'react';
import type { Message } from '../api/methods.ts';
import { useComposer } from '../composer/composer-around.tsx';
import { useReconnected } from '../offline/use-reconnected.ts';
import { useAhead } from '../shell/mail-session.tsx';
import { Icon } from '../shell/icons.tsx';
import { useWords } from '../words/use-words.ts';
import type { FilledFrame } from './mail-frame.ts';
import { isForward } from './quoted-heads.ts';

const PAPER_WIDTH = '680px';

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
  const composer = useComposer();
  const ahead = useAhead();
  const place = useRef<HTMLDivElement>(null);
  const filled = useRef<FilledFrame>(undefined);

  const show = useEffectEvent((into: HTMLElement): (() => void) => {
    const follow = (made: FilledFrame, frame: HTMLIFrameElement): void => {
      filled.current = made;
      made.follow({
        quoteLabel: words.read.showQuote,
        isForward: isForward(message.subject),
        onMissing,
        onHeight: (px) => {
          frame.style.height = `${px}px`;
        },
        onMailto: (link) => composer.open({ kind: 'mailto', link }),
      });
      onRemote(made.hasRemote);
    };
    ahead.pictures(message);
    return ahead.frames.put(into, ahead.framed(message, html), { isRemoteShown, onFilled: follow });
  });
  // Not by React, which would load it anew wherever it is moved to.
  useLayoutEffect(() => (place.current === null ? undefined : show(place.current)), []);
  const title = words.read.frame;
  useLayoutEffect(() => {
    const frame = place.current?.querySelector('iframe');
    if (frame !== null && frame !== undefined) frame.title = title;
  }, [title]);
  useEffect(() => {
    if (tries > 0) filled.current?.retryImages();
  }, [tries]);
  // Printed by the browser's own menu: as wide as paper, and as tall as all of it.
  useEffect(() => {
    let former: string | undefined;
    const frameOf = (): HTMLIFrameElement | null => place.current?.querySelector('iframe') ?? null;
    const fit = (): void => {
      const frame = frameOf();
      if (frame === null) return;
      former ??= frame.style.height;
      frame.style.width = PAPER_WIDTH;
      frame.style.height = `${frame.contentDocument?.documentElement.getBoundingClientRect().height ?? 0}px`;
    };
    const back = (): void => {
      const frame = frameOf();
      if (frame === null || former === undefined) return;
      frame.style.width = '';
      frame.style.height = former;
      former = undefined;
    };
    addEventListener('beforeprint', fit);
    addEventListener('afterprint', back);
    return () => {
      removeEventListener('beforeprint', fit);
      removeEventListener('afterprint', back);
    };
  }, []);
  return <div ref={place} className="mail-frame-place" />;
}
