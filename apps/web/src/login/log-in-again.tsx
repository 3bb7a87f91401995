import type { ReactNode } from 'react';
import type { Http } from '../api/http.ts';
import { logOut } from '../api/log-in.ts';
import { useDevice } from '../offline/device.ts';
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
  const device = useDevice();
  const leave = async (): Promise<void> => {
    // Whatever the relay says: whoever comes now is not to see this mail.
    await logOut(http, false).catch(() => undefined);
    await device.setOwn(false).catch(() => undefined);
    location.reload();
  };
  return (
    <Modal title={words.again.title}>
      <p>{words.again.text}</p>
      <LogInForm http={http} address={address} onIn={onIn} />
      <button type="button" className="text-button" onClick={() => void leave()}>
        {words.again.other}
      </button>
    </Modal>
  );
}
