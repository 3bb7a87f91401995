import { expect, test } from 'vitest';
import { readPreferences, writePreferences } from './preferences.ts';

const stored = (text: string | null) => ({ getItem: () => text });

test('who has chosen nothing gets the language of the browser and the look of the device', () => {
  expect(readPreferences(stored(null), 'de-AT')).toMatchObject({
    language: 'de',
    theme: 'system',
    writesRich: true,
    hasShortcuts: true,
    showsConversations: true,
  });
  expect(readPreferences(stored(null), 'fr')).toMatchObject({ language: 'en' });
});

test.for(['{', '[]', 'null', '{"theme":7,"language":"xx"}'])('%j changes nothing', (text) => {
  expect(readPreferences(stored(text), 'en')).toEqual(readPreferences(stored(null), 'en'));
});

test('what was written is read again, and a browser that keeps nothing is borne', () => {
  let kept = '';
  const chosen = { ...readPreferences(stored(null), 'en'), theme: 'dark' as const };
  writePreferences({ setItem: (_, value) => void (kept = value) }, chosen);
  expect(readPreferences(stored(kept), 'de')).toEqual(chosen);
  const refusing = {
    setItem: () => {
      throw new Error('full');
    },
  };
  expect(() => writePreferences(refusing, chosen)).not.toThrow();
});
