/* The keys, in both languages: only who asks for them needs them. */
import type { Language } from '../words/load-words.ts';

export const KEYS: Readonly<
  Record<Language, { readonly title: string; readonly rows: readonly (readonly [keys: string, what: string])[] }>
> = {
  en: {
    title: 'Keyboard',
    rows: [
      ['j / k', 'next / previous message'],
      ['Enter', 'open message'],
      ['x', 'select message'],
      ['c', 'write a message'],
      ['r', 'reply'],
      ['a', 'reply to all'],
      ['f', 'forward'],
      ['e', 'archive'],
      ['#', 'delete'],
      ['!', 'junk'],
      ['v', 'move to a folder'],
      ['l', 'label'],
      ['s', 'flag'],
      ['u', 'mark as unread'],
      ['z', 'undo'],
      ['/', 'search'],
      ['Esc', 'back'],
      ['?', 'this help'],
    ],
  },
  de: {
    title: 'Tastatur',
    rows: [
      ['j / k', 'nächste / vorige E-Mail'],
      ['Enter', 'E-Mail öffnen'],
      ['x', 'E-Mail auswählen'],
      ['c', 'E-Mail schreiben'],
      ['r', 'antworten'],
      ['a', 'allen antworten'],
      ['f', 'weiterleiten'],
      ['e', 'archivieren'],
      ['#', 'löschen'],
      ['!', 'Spam'],
      ['v', 'in einen Ordner verschieben'],
      ['l', 'Schlagwörter'],
      ['s', 'markieren'],
      ['u', 'als ungelesen markieren'],
      ['z', 'rückgängig'],
      ['/', 'suchen'],
      ['Esc', 'zurück'],
      ['?', 'diese Hilfe'],
    ],
  },
};
