import { use } from 'react';
import { SpeechContext } from '../use-words.ts';
import { de } from './de.ts';
import { en, type SetupWords } from './en.ts';

export function useSetupWords(): SetupWords {
  return use(SpeechContext).language === 'de' ? de : en;
}
