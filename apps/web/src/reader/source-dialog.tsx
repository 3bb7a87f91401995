import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import type { Message } from '../api/methods.ts';
import { useJmap } from '../shell/mail-session.tsx';
import { Modal } from '../shell/modal.tsx';
import { Failed, Loading } from '../shell/states.tsx';
import { useWords } from '../words/use-words.ts';
import { fileNameOf } from './file-name.ts';
import { saveBlob } from './save-blob.ts';

const TYPE = 'message/rfc822';
const MOST_SHOWN = 256 * 1024;

/** The message as it came, byte for byte when it is saved. */
export function SourceDialog({ message, onClose }: { readonly message: Message; readonly onClose: () => void }): ReactNode {
  const words = useWords();
  const jmap = useJmap();
  const { data, isError } = useQuery({
    queryKey: ['source', message.blobId],
    queryFn: async ({ signal }) => {
      const blob = await jmap.download(message.blobId, 'message.eml', TYPE, signal);
      return { blob, text: await blob.slice(0, MOST_SHOWN).text() };
    },
    staleTime: Infinity,
  });
  const name = fileNameOf({ name: `${message.subject ?? ''}.eml` }, 'message.eml');
  return (
    <Modal title={words.read.source} size="large" onClose={onClose}>
      {isError ? (
        <Failed text={words.read.failed} />
      ) : data === undefined ? (
        <Loading label={words.app.loading} />
      ) : (
        <>
          <pre className="source" tabIndex={0} role="region" aria-label={words.read.source}>
            {data.text}
          </pre>
          <div className="modal-foot">
            <button type="button" className="quiet-button" onClick={() => saveBlob(data.blob, name)}>
              {words.read.saveSource}
            </button>
          </div>
        </>
      )}
    </Modal>
  );
}
