import { createContext, use } from 'react';
import { en, type Words } from './en.ts';
import { formatsFor, type Formats } from './formats.ts';

export type Language = 'en' | 'de';

export interface Speech {
  readonly language: Language;
  readonly words: Words;
  readonly formats: Formats;
}

export const SpeechContext = createContext<Speech>({ language: 'en', words: en, formats: formatsFor('en', en) });

export function useWords(): Words {
  return use(SpeechContext).words;
}

export function useFormats(): Formats {
  return use(SpeechContext).formats;
}

/** German comes over the line only for those who read it. */
export async function loadSpeech(language: Language): Promise<Speech> {
  const words = language === 'de' ? (await import('./de.ts')).de : en;
  return { language, words, formats: formatsFor(language, words) };
}
