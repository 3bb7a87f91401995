import { useState, type ReactNode } from 'react';
import { logIn } from '../api/log-in.ts';
import { useComposer } from '../composer/composer-around.tsx';
import { Icon } from '../shell/icons.tsx';
import { useJmap } from '../shell/mail-session.tsx';
import { useDemoWords } from './demo-words.ts';
import type { DemoAccount } from './demo-api.ts';

interface OtherAccountProps {
  readonly other: DemoAccount;
  readonly first: string;
  readonly isOutage: boolean;
}

/** To write to the other person of the demo, and to look into that one's mailbox. */
export function OtherAccount({ other, first, isOutage }: OtherAccountProps): ReactNode {
  const words = useDemoWords();
  const { http } = useJmap();
  const composer = useComposer();
  const [isGoing, setIsGoing] = useState(false);
  const go = async (): Promise<void> => {
    setIsGoing(true);
    // The new session takes the place of this one; the page begins anew with it.
    await logIn(http, other.address, other.password);
    location.hash = '';
    location.reload();
  };
  return (
    <>
      {isOutage ? (
        <button type="button" className="quiet-button" onClick={() => composer.open({ kind: 'mailto', link: `mailto:${other.address}` })}>
          <Icon name="compose" size={16} />
          {words.write(first)}
        </button>
      ) : null}
      <button type="button" className="quiet-button" disabled={isGoing} onClick={() => void go().catch(() => setIsGoing(false))}>
        {words.mailboxOf(first)}
      </button>
    </>
  );
}
