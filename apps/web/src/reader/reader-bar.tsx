import { useEffect, useState, type ReactNode } from 'react';
import type { Summary } from '../api/methods.ts';
import { useComposer } from '../composer/composer-around.tsx';
import { IconButton } from '../shell/button.tsx';
import { Icon } from '../shell/icons.tsx';
import type { Commands } from '../shell/mail-view.tsx';
import { useMailboxes } from '../shell/use-mailboxes.ts';
import { useSpeech } from '../words/use-words.ts';
import { printMessage } from './print-message.ts';

const MORE = { en: 'More', de: 'Mehr' } as const;

interface ReaderBarProps {
  /** What an answer answers. */
  readonly message: Summary;
  readonly isFlagged: boolean;
  readonly commands: Commands;
}

/** In a small window what is wanted less often is in a second line, which opens. */
export function ReaderBar({ message, isFlagged, commands }: ReaderBarProps): ReactNode {
  const { words, language } = useSpeech();
  const [isOpen, setIsOpen] = useState(false);
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.key !== 'p' || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
      event.preventDefault();
      void printMessage();
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, []);
  const composer = useComposer();
  const tree = useMailboxes();
  const has = (keyword: string): boolean => Object.hasOwn(message.keywords, keyword);
  const isIn = (role: 'junk' | 'archive' | 'drafts'): boolean => Object.hasOwn(message.mailboxIds, tree?.byRole(role)?.mailbox.id ?? '');
  const open = (kind: 'reply' | 'replyAll' | 'forward' | 'draft') => () => composer.open({ kind, messageId: message.id });
  return (
    <div className={`reader-bar ${isOpen ? 'is-open' : ''}`} role="toolbar" aria-label={words.read.title}>
      <IconButton icon="back" label={words.app.back} onClick={commands.close} className="only-stacked" />
      {has('$draft') ? (
        <IconButton icon="compose" label={words.act.edit} onClick={open('draft')} />
      ) : (
        <>
          <IconButton icon="reply" label={words.act.reply} keys="r" onClick={open('reply')} />
          <IconButton icon="replyAll" label={words.act.replyAll} keys="a" onClick={open('replyAll')} />
          <IconButton icon="forward" label={words.act.forward} keys="f" onClick={open('forward')} />
        </>
      )}
      <span className="bar-gap" />
      {tree?.byRole('archive') === undefined || isIn('archive') ? null : (
        <IconButton icon="archive" label={words.act.archive} keys="e" onClick={commands.archive} />
      )}
      <IconButton icon="trash" label={words.act.remove} keys="#" onClick={commands.remove} />
      <button
        type="button"
        className="icon-button bar-more"
        aria-label={MORE[language]}
        title={MORE[language]}
        aria-expanded={isOpen}
        onClick={() => setIsOpen(!isOpen)}
      >
        <Icon name="more" />
      </button>
      <span className="bar-break" />
      {isIn('junk') ? (
        <IconButton icon="inbox" label={words.act.notJunk} className="bar-later" onClick={commands.notJunk} />
      ) : (
        <IconButton icon="junk" label={words.act.junk} keys="!" className="bar-later" onClick={commands.junk} />
      )}
      <IconButton icon="move" label={words.act.move} keys="v" className="bar-later" onClick={commands.move} />
      <IconButton icon="label" label={words.labels.change} keys="l" className="bar-later" onClick={commands.label} />
      <span className="bar-gap" />
      <IconButton
        icon="flag"
        label={isFlagged ? words.act.unflag : words.act.flag}
        keys="s"
        className={isFlagged ? 'bar-later is-flagged' : 'bar-later'}
        onClick={commands.flag}
      />
      <IconButton icon="unread" label={words.act.markUnread} keys="u" className="bar-later" onClick={commands.markUnread} />
      <span className="push" />
      <IconButton icon="print" label={words.act.print} className="bar-later" onClick={() => void printMessage()} />
    </div>
  );
}
