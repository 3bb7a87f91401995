import { useMemo, type ReactNode } from 'react';
import { useComposer } from '../composer/composer-around.tsx';
import { useWords } from '../words/use-words.ts';
import { textOfHtml } from './text-of-html.ts';
import { blocksOf, linksIn, type TextBlock } from './text-blocks.ts';

interface TextBodyProps {
  readonly text: string;
  /** The message has no plain text: what is readable of the other is shown. */
  readonly isHtml: boolean;
  /** What is quoted is what it is about. */
  readonly isForward: boolean;
}

export function TextBody({ text, isHtml, isForward }: TextBodyProps): ReactNode {
  const words = useWords();
  const blocks = useMemo(() => blocksOf(isHtml ? textOfHtml(text) : text), [text, isHtml]);
  if (blocks.every((block) => block.text.trim() === '')) return <p className="hint">{words.read.empty}</p>;
  const isAllQuote = !blocks.some(({ kind, text: own }) => kind === 'own' && own.trim() !== '');
  return (
    <div className="text-body" dir="auto">
      {blocks.map((block, index) => (
        // Blocks have no identity but their place, and the text never changes.
        <Block key={index} block={block} isOpen={isAllQuote || isForward} />
      ))}
    </div>
  );
}

function Block({ block, isOpen }: { readonly block: TextBlock; readonly isOpen: boolean }): ReactNode {
  const words = useWords();
  if (block.kind === 'quote')
    return (
      <details className="text-quote" open={isOpen}>
        <summary aria-label={words.read.showQuote} title={words.read.showQuote}>
          •••
        </summary>
        <Linked text={block.text} />
      </details>
    );
  return (
    <div className={`text-${block.kind}`}>
      <Linked text={block.text} />
    </div>
  );
}

function Linked({ text }: { readonly text: string }): ReactNode {
  const composer = useComposer();
  return linksIn(text).map(({ text: shown, href }, index) =>
    href === undefined ? (
      shown
    ) : href.startsWith('mailto:') ? (
      // Written here, not in a mail program that does not work today.
      <a
        key={index}
        href={href}
        onClick={(event) => {
          event.preventDefault();
          composer.open({ kind: 'mailto', link: href });
        }}
      >
        {shown}
      </a>
    ) : (
      <a key={index} href={href} target="_blank" rel="noopener noreferrer nofollow">
        {shown}
      </a>
    ),
  );
}
