import { useCallback, useRef, useState, type ReactNode } from 'react';
import type { Http } from '../api/http.ts';
import { logOut } from '../api/log-in.ts';
import { usePost } from '../offline/post-around.tsx';
import { useDevice } from '../offline/use-device.ts';
import type { Person } from '../offline/who-is-in.ts';
import { useAsk } from '../shell/ask.tsx';
import { Modal } from '../shell/modal.tsx';
import { useWords } from '../words/use-words.ts';
import { logInForm } from './log-in-form.ts';
import type { WhyAgain } from './log-in-gate.ts';
import { mayLeave } from './may-leave.ts';

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
  const ask = useAsk();
  const { office } = usePost();
  const [isLeaving, setIsLeaving] = useState(false);
  const leave = async (yes: string): Promise<void> => {
    setIsLeaving(true);
    if (!(await mayLeave({ office, ask, words, yes }))) return setIsLeaving(false);
    if (why === 'others') return location.reload();
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
  const typed = useRef('');
  const going = useRef(goOn);
  going.current = goOn;
  // As a ref it is there before the dialog around it opens, which gives the focus to its field; the effect of a parent would come after.
  const place = useCallback(
    (div: HTMLDivElement) => {
      const form = logInForm({ http, words: words.logIn, address: resource.username, onIn: () => going.current() });
      const field = form.elements.namedItem('password') as HTMLInputElement;
      field.value = typed.current;
      div.append(form);
      return () => {
        // In another language it is another form.
        typed.current = field.value;
        form.remove();
      };
    },
    [http, words, resource],
  );
  const form = <div ref={place} />;
  const { title, text, other } =
    why === 'ended'
      ? words.again
      : { title: words.again.titleOthers, text: words.again.textOthers(resource.username), other: words.again.asOthers };
  return (
    <Modal title={title}>
      <p>{text}</p>
      {form}
      <button type="button" className="text-button" disabled={isLeaving} onClick={() => void leave(other)}>
        {other}
      </button>
    </Modal>
  );
}
