import type { ReactNode } from 'react';
import type { Http } from '../api/http.ts';
import { logOut } from '../api/log-in.ts';
import { Modal } from '../shell/modal.tsx';
import { useWords } from '../words/use-words.ts';
import { LogInForm } from './log-in-form.tsx';

interface LogInAgainProps {
  readonly http: Http;
  readonly address: string;
  readonly onIn: () => void;
}

/** Over everything else, which stays as it is: what was being written is still there behind it. */
export function LogInAgain({ http, address, onIn }: LogInAgainProps): ReactNode {
  const words = useWords();
  return (
    <Modal title={words.again.title}>
      <p>{words.again.text}</p>
      <LogInForm http={http} address={address} onIn={onIn} />
      <button
        type="button"
        className="text-button"
        onClick={() => {
          const leave = (): void => location.reload();
          logOut(http, false).then(leave, leave);
        }}
      >
        {words.again.other}
      </button>
    </Modal>
  );
}
