import type { ReactNode } from 'react';
import { useJmap } from '../shell/mail-session.tsx';
import { Modal } from '../shell/modal.tsx';
import { useSetupWords } from '../words/setup/use-setup-words.ts';
import { ProgramSettings } from './program-settings.tsx';

/** For who works in the browser and wants a mail program as well. */
export function ProgramDialog({ onClose }: { readonly onClose: () => void }): ReactNode {
  const { programs: words } = useSetupWords();
  const { address } = useJmap();
  return (
    <Modal title={words.title} onClose={onClose} size="large">
      <ProgramSettings address={address} />
    </Modal>
  );
}
