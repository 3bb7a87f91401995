import { useCallback, useRef, type ReactNode } from 'react';
import type { Http } from '../api/http.ts';
import { logOut } from '../api/log-in.ts';
import { useDevice } from '../offline/use-device.ts';
import type { Person } from '../offline/who-is-in.ts';
import { Modal } from '../shell/modal.tsx';
import { useWords } from '../words/use-words.ts';
import { logInForm } from './log-in-form.ts';
import type { WhyAgain } from './log-in-gate.ts';

interface LogInAgainProps {
  readonly http: Http;
  readonly person: Person;
  readonly why: WhyAgain;
  readonly onIn: () => void;
}

/** Over everything else, which stays as it is: what was being written is still there behind it. */
export function LogInAgain({ http, person: { resource, store }, why, onIn }: LogInAgainProps): ReactNode {
  const words = useWords();
  const device = useDevice();
  const leave = async (): Promise<void> => {
    // Whatever the relay says: whoever comes now is not to see this mail.
    await logOut(http, false).catch(() => undefined);
    await device.setOwn(false).catch(() => undefined);
    location.reload();
  };
  /** What this window is about to keep is not to come under the name of who was here in between. */
  const goOn = (): void => {
    const owned = store?.setOwner(resource) ?? Promise.resolve();
    void owned.catch(() => undefined).then(onIn);
  };
  const going = useRef(goOn);
  going.current = goOn;
  // As a ref it is there before the dialog around it opens, which gives the focus to its field; the effect of a parent would come after.
  const place = useCallback(
    (div: HTMLDivElement) => {
      const form = logInForm({ http, words: words.logIn, address: resource.username, onIn: () => going.current() });
      div.append(form);
      return () => form.remove();
    },
    [http, words, resource],
  );
  const form = <div ref={place} />;
  return why === 'ended' ? (
    <Modal title={words.again.title}>
      <p>{words.again.text}</p>
      {form}
      <button type="button" className="text-button" onClick={() => void leave()}>
        {words.again.other}
      </button>
    </Modal>
  ) : (
    <Modal title={words.again.titleOthers}>
      <p>{words.again.textOthers(resource.username)}</p>
      {form}
      <button type="button" className="text-button" onClick={() => location.reload()}>
        {words.again.asOthers}
      </button>
    </Modal>
  );
}
