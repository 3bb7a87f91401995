import { useEffect, useEffectEvent, useRef, useState, type ReactNode } from 'react';
import Squire from 'squire-rte';
import { sanitiseQuoted } from '../reader/sanitise.ts';
import { IconButton } from '../shell/button.tsx';
import type { IconName } from '../shell/icons.tsx';
import { useWords } from '../words/use-words.ts';
import { chooseFiles } from './choose-files.ts';
import { isInlineImage, namedImages } from './inline-images.ts';
import type { InlineImages } from './use-inline-images.ts';
import { LinkDialog } from './link-dialog.tsx';

interface RichEditorProps {
  /** What it begins with; later on it says itself what it holds. */
  readonly html: string;
  readonly hasFocus: boolean;
  /** With images by their names. */
  readonly onChange: (html: string) => void;
  readonly images: InlineImages;
  readonly ownCids: () => ReadonlySet<string>;
}

const FORMATS = { bold: 'B', italic: 'I', underline: 'U', bullets: 'UL', numbers: 'OL', quote: 'BLOCKQUOTE', link: 'A' } as const;
type Format = keyof typeof FORMATS;

export function RichEditor({ html, hasFocus, onChange, images, ownCids }: RichEditorProps): ReactNode {
  const words = useWords();
  const place = useRef<HTMLDivElement>(null);
  const editor = useRef<Squire>(undefined);
  const [active, setActive] = useState<ReadonlySet<Format>>(new Set());
  const [isLinking, setIsLinking] = useState(false);
  const first = useRef(html);
  const tell = useEffectEvent(() => onChange(namedImages(editor.current?.getHTML() ?? '')));
  const insertImages = async (files: Iterable<File>): Promise<void> => {
    for (const file of files) {
      const placed = isInlineImage(file) ? await images.place(file) : undefined;
      const { cid = '', url = '', name = '', width } = placed ?? {};
      const size = width === undefined ? {} : { width: String(width) };
      if (placed !== undefined) editor.current?.insertImage(url, { 'data-cid': cid, alt: name, ...size });
    }
  };
  const insertPasted = useEffectEvent((event: Event) => {
    // The editor has looked whether it is an image and no text.
    const { clipboardData } = (event as CustomEvent<{ readonly clipboardData: DataTransfer }>).detail;
    void insertImages([...clipboardData.files]);
  });
  const showImages = useEffectEvent(async (root: HTMLElement) => {
    for (const image of root.querySelectorAll<HTMLImageElement>('img[data-cid]:not([src])')) {
      const url = await images.urlOf(image.dataset['cid'] ?? '');
      // Nobody has written anything.
      if (url !== undefined) editor.current?.modifyDocument(() => image.setAttribute('src', url));
    }
  });

  useEffect(() => {
    const { current: root } = place;
    if (root === null) return undefined;
    const squire = new Squire(root, { blockTag: 'DIV', sanitizeToDOMFragment: (text) => sanitiseQuoted(text, ownCids()) });
    editor.current = squire;
    squire.setHTML(first.current);
    void showImages(root);
    squire.moveCursorToStart();
    if (hasFocus) squire.focus();
    else root.blur();
    const look = (): void => setActive(new Set((Object.keys(FORMATS) as Format[]).filter((format) => squire.hasFormat(FORMATS[format]))));
    squire.addEventListener('input', () => tell());
    squire.addEventListener('pasteImage', (event) => insertPasted(event));
    squire.addEventListener('pathChange', look);
    squire.addEventListener('select', look);
    return () => {
      first.current = namedImages(squire.getHTML());
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
      <div
        ref={place}
        className="rich-text"
        role="textbox"
        aria-multiline="true"
        aria-label={words.write.text}
        dir="auto"
        onDrop={(event) => {
          const files = [...event.dataTransfer.files];
          // With anything else among them they are attached, all of them.
          if (files.length === 0 || !files.every(isInlineImage)) return;
          event.preventDefault();
          void insertImages(files);
        }}
      />
      {/* Over the text, and after it for the Tab key: from the subject that leads to the text. */}
      <div className="format-bar" role="toolbar" aria-label={words.write.format}>
        {button('bold', 'bold', words.write.bold)}
        {button('italic', 'italic', words.write.italic)}
        {button('underline', 'underline', words.write.underline)}
        {button('bullets', 'bullets', words.write.bullets)}
        {button('numbers', 'numbers', words.write.numbers)}
        {button('quote', 'quote', words.write.quoteFormat)}
        {button('link', 'link', words.write.link)}
        <IconButton
          icon="image"
          label={words.write.image}
          onClick={() => chooseFiles('image/png,image/jpeg,image/gif,image/webp', (files) => void insertImages(files))}
        />
        <IconButton icon="clear" label={words.write.clear} onClick={() => editor.current?.removeAllFormatting().focus()} />
      </div>
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
