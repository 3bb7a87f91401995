import type { ReactNode } from 'react';
import type { BodyPart } from '../api/methods.ts';
import { Modal } from '../shell/modal.tsx';
import { Failed, Loading } from '../shell/states.tsx';
import { useWords } from '../words/use-words.ts';
import { partNameOf } from './file-name.ts';
import type { Preview } from './preview.ts';
import { useBlobUrl } from './use-blob-url.ts';

/** ISO 32000-1 7.5.2, and where viewers look for it. */
const PDF_MARK = '%PDF-';
const PDF_MARK_WITHIN = 1024;

interface PreviewDialogProps {
  readonly part: BodyPart;
  readonly kind: Preview;
  readonly onClose: () => void;
}

/**
 * A file to look at. The frame of a PDF has no sandbox, in which the browser's own viewer does not run; that viewer is what keeps the file apart from
 * this page. Whatever the bytes are, they are called a PDF here and nothing else, so no browser takes them for a page of ours.
 */
export function PreviewDialog({ part, kind, onClose }: PreviewDialogProps): ReactNode {
  const words = useWords();
  const name = partNameOf(part, words.read.unnamed);
  const { url, failure, retry } = useBlobUrl(
    part,
    kind === 'pdf' ? { name, type: 'application/pdf', accepts: isPdf } : { name, type: part.type.toLowerCase() },
  );
  return (
    <Modal title={name} size="large" onClose={onClose}>
      {failure === 'broken' ? (
        <Failed text={words.read.failed} />
      ) : failure === 'absent' ? (
        <Failed text={words.read.fileNotHere} onRetry={retry} />
      ) : url === undefined ? (
        <Loading label={words.app.loading} />
      ) : kind === 'pdf' ? (
        <>
          <iframe className="shown-pdf" src={url} title={name} referrerPolicy="no-referrer" />
          {/* Keys that are pressed in the viewer are the viewer's, Escape too. Without something behind it the Tab key does not lead out of it (WCAG 2.1.2). */}
          <footer className="pdf-foot">
            <p className="hint">{words.read.outOfViewer}</p>
            <button type="button" className="quiet-button" onClick={onClose}>
              {words.app.close}
            </button>
          </footer>
        </>
      ) : (
        <img className="shown-image" src={url} alt={name} />
      )}
    </Modal>
  );
}

async function isPdf(blob: Blob): Promise<boolean> {
  return (await blob.slice(0, PDF_MARK_WITHIN).text()).includes(PDF_MARK);
}
