import { useMemo, type ReactNode } from 'react';
import { withoutTricks } from '../list/address-text.ts';

/** More hits in one line are not looked at. */
const MOST_PIECES = 60;

/** A snippet (RFC 8621 5): read as text by a document that runs and loads nothing, of which only the marks are kept. */
export function MarkedText({ html }: { readonly html: string }): ReactNode {
  const pieces = useMemo(() => piecesOf(html), [html]);
  return pieces.map(({ text, isMarked }, index) => (isMarked ? <mark key={index}>{text}</mark> : text));
}

function piecesOf(html: string): readonly { readonly text: string; readonly isMarked: boolean }[] {
  const { body } = new DOMParser().parseFromString(html, 'text/html');
  return [...body.childNodes]
    .slice(0, MOST_PIECES)
    .map((node) => ({ text: withoutTricks(node.textContent ?? ''), isMarked: node.nodeName === 'MARK' }));
}
