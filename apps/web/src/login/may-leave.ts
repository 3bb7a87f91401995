import { closeLetters } from '../composer/open-letters.ts';
import type { PostOffice } from '../offline/post-office.ts';
import type { Ask } from '../shell/ask.tsx';
import type { Words } from '../words/en.ts';

interface Leaving {
  readonly office: PostOffice | undefined;
  readonly ask: Ask;
  readonly words: Words;
  /** On the button. */
  readonly yes: string;
}

/** Without a session nothing can be saved at the relay: what is being written is kept in this browser, and where it would go with the window its person is asked. */
export async function mayLeave({ office, ask, words: { post }, yes }: Leaving): Promise<boolean> {
  const areClosed = await closeLetters();
  const { letters, drafts, filings } = office?.waiting ?? { letters: [], drafts: [], filings: [] };
  if (areClosed && (office?.isKept !== false || letters.length + drafts.length + filings.length === 0)) return true;
  const count = letters.length + drafts.length + (areClosed ? 0 : 1);
  const isMeant = await ask({ text: count === 0 ? post.logOutLosesChanges : post.logOutLoses(count), yes });
  if (isMeant) office?.letGo();
  return isMeant;
}
