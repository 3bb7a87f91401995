import type { Words } from './en.ts';

export type Language = 'en' | 'de';

export interface Spoken {
  readonly language: Language;
  readonly words: Words;
}

/** Of the languages only the one that is read comes over the line. */
export async function loadWords(language: Language): Promise<Spoken> {
  return { language, words: language === 'de' ? (await import('./de.ts')).de : (await import('./en.ts')).en };
}
