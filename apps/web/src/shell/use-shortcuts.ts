import { useEffect, useEffectEvent } from 'react';
import { usePreferences } from '../settings/use-preferences.ts';

/** Only these go on while a key is held: of what is filed so, only the last would be undone. */
const STEPS: readonly string[] = ['j', 'k'];

/** What a key does, by `KeyboardEvent.key`. */
export type Shortcuts = Readonly<Record<string, () => void>>;

/** Keys of one letter, as mail programs have them; not while one types or answers a dialog, and not for those who switched them off. */
export function useShortcuts(shortcuts: Shortcuts): void {
  const { hasShortcuts } = usePreferences().preferences;
  const press = useEffectEvent((event: KeyboardEvent) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    if (document.querySelector('dialog[open]') !== null) return;
    const run = Object.hasOwn(shortcuts, event.key) ? shortcuts[event.key] : undefined;
    if (run === undefined) return;
    event.preventDefault();
    if (!event.repeat || STEPS.includes(event.key)) run();
  });
  useEffect(() => {
    if (!hasShortcuts) return undefined;
    const listener = (event: KeyboardEvent): void => press(event);
    document.addEventListener('keydown', listener);
    return () => document.removeEventListener('keydown', listener);
  }, [hasShortcuts]);
}

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target.closest('.composer') !== null) return true;
  return target.matches('input:not([type=checkbox]), textarea, select');
}
