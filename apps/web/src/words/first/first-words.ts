import type { Language } from '../load-words.ts';
import { de } from './de.ts';
import { en, type FirstWords } from './en.ts';

export function firstWords(language: Language): FirstWords {
  return language === 'de' ? de : en;
}
