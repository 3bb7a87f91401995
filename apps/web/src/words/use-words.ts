import { createContext, use } from 'react';
import type { Words } from './en.ts';
import type { Formats } from './formats.ts';
import type { Spoken } from './load-words.ts';

export interface Speech extends Spoken {
  readonly formats: Formats;
}

export const SpeechContext = createContext<Speech | undefined>(undefined);

export function useWords(): Words {
  return useSpeech().words;
}

export function useFormats(): Formats {
  return useSpeech().formats;
}

export function useSpeech(): Speech {
  const speech = use(SpeechContext);
  if (speech === undefined) throw new Error('no words around this component');
  return speech;
}
