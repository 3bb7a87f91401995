import { useEffect, useEffectEvent, useRef, useState, type ReactNode } from 'react';
import Squire from 'squire-rte';
import { sanitiseQuoted } from '../reader/sanitise.ts';
import { IconButton } from '../shell/button.tsx';
import type { IconName } from '../shell/icons.tsx';
import { useWords } from '../words/use-words.ts';
import { LinkDialog } from './link-dialog.tsx';

interface RichEditorProps {
  /** What it begins with; later on it says itself what it holds. */
  readonly html: string;
  readonly hasFocus: boolean;
  readonly onChange: (html: string) => void;
}

const FORMATS = { bold: 'B', italic: 'I', underline: 'U', bullets: 'UL', numbers: 'OL', quote: 'BLOCKQUOTE', link: 'A' } as const;
type Format = keyof typeof FORMATS;

export function RichEditor({ html, hasFocus, onChange }: RichEditorProps): ReactNode {
  const words = useWords();
  const place = useRef<HTMLDivElement>(null);
  const editor = useRef<Squire>(undefined);
  const [active, setActive] = useState<ReadonlySet<Format>>(new Set());
  const [isLinking, setIsLinking] = useState(false);
  const first = useRef(html);
  const tell = useEffectEvent(() => onChange(editor.current?.getHTML() ?? ''));

  useEffect(() => {
    const { current: root } = place;
    if (root === null) return undefined;
    const squire = new Squire(root, { blockTag: 'DIV', sanitizeToDOMFragment: (text) => sanitiseQuoted(text) });
    editor.current = squire;
    squire.setHTML(first.current);
    squire.moveCursorToStart();
    if (hasFocus) squire.focus();
    else root.blur();
    const look = (): void => setActive(new Set((Object.keys(FORMATS) as Format[]).filter((format) => squire.hasFormat(FORMATS[format]))));
    squire.addEventListener('input', () => tell());
    squire.addEventListener('pathChange', look);
    squire.addEventListener('select', look);
    return () => {
      first.current = squire.getHTML();
      squire.destroy();
    };
  }, []);

  const toggle = (format: Format): void => {
    const squire = editor.current;
    if (squire === undefined) return;
    const isOn = squire.hasFormat(FORMATS[format]);
    switch (format) {
      case 'bold':
        void (isOn ? squire.removeBold() : squire.bold());
        break;
      case 'italic':
        void (isOn ? squire.removeItalic() : squire.italic());
        break;
      case 'underline':
        void (isOn ? squire.removeUnderline() : squire.underline());
        break;
      case 'bullets':
        void (isOn ? squire.removeList() : squire.makeUnorderedList());
        break;
      case 'numbers':
        void (isOn ? squire.removeList() : squire.makeOrderedList());
        break;
      case 'quote':
        void (isOn ? squire.decreaseQuoteLevel() : squire.increaseQuoteLevel());
        break;
      case 'link':
        if (isOn) squire.removeLink();
        else setIsLinking(true);
        return;
    }
    squire.focus();
  };
  const button = (format: Format, icon: IconName, label: string): ReactNode => (
    <IconButton icon={icon} label={label} isPressed={active.has(format)} onClick={() => toggle(format)} />
  );
  return (
    <div className="rich-editor">
      <div className="format-bar" role="toolbar" aria-label={words.write.format}>
        {button('bold', 'bold', words.write.bold)}
        {button('italic', 'italic', words.write.italic)}
        {button('underline', 'underline', words.write.underline)}
        {button('bullets', 'bullets', words.write.bullets)}
        {button('numbers', 'numbers', words.write.numbers)}
        {button('quote', 'quote', words.write.quoteFormat)}
        {button('link', 'link', words.write.link)}
        <IconButton icon="clear" label={words.write.clear} onClick={() => editor.current?.removeAllFormatting().focus()} />
      </div>
      <div ref={place} className="rich-text" role="textbox" aria-multiline="true" aria-label={words.write.text} dir="auto" />
      {isLinking ? (
        <LinkDialog
          onClose={() => setIsLinking(false)}
          onChoose={(address) => {
            setIsLinking(false);
            editor.current?.focus().makeLink(address);
          }}
        />
      ) : null}
    </div>
  );
}
