import { useSpeech } from '../use-words.ts';
import { de } from './de.ts';
import { en, type SetupWords } from './en.ts';

export function useSetupWords(): SetupWords {
  return useSpeech().language === 'de' ? de : en;
}
