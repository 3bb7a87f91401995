import type { ReactNode } from 'react';
import { SearchBox } from '../search/search-box.tsx';
import { useWords } from '../words/use-words.ts';
import { IconButton } from './button.tsx';
import { useJmap } from './mail-session.tsx';

interface TopBarProps {
  readonly onMenu: () => void;
  readonly isMenuOpen: boolean;
  readonly onSettings: () => void;
}

export function TopBar({ onMenu, isMenuOpen, onSettings }: TopBarProps): ReactNode {
  const words = useWords();
  const { address } = useJmap();
  return (
    <header className="top-bar">
      <IconButton icon="menu" label={words.folders.open} onClick={onMenu} isPressed={isMenuOpen} className="only-narrow" />
      <a className="brand" href="#/mail/" aria-label={`${words.app.name}: ${words.folders.inbox}`}>
        <img src="./icon.svg" alt="" width="26" height="26" />
        <span>{words.app.name}</span>
      </a>
      <SearchBox />
      <span className="who only-wide">{address}</span>
      <IconButton icon="settings" label={words.settings.title} onClick={onSettings} />
    </header>
  );
}
