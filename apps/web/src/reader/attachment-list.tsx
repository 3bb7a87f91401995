import { lazy, Suspense, useState, type ReactNode } from 'react';
import { isPassing } from '../api/failures.ts';
import type { BodyPart, Message } from '../api/methods.ts';
import { untilLoaded } from '../offline/until-loaded.ts';
import { IconButton } from '../shell/button.tsx';
import { failureText } from '../shell/failure-text.ts';
import { Icon } from '../shell/icons.tsx';
import { useJmap } from '../shell/mail-session.tsx';
import { useToasts } from '../shell/toasts.tsx';
import { useFormats, useWords } from '../words/use-words.ts';
import { fileNameOf, partNameOf } from './file-name.ts';
import { attachmentsOf } from './message-text.ts';
import { previewOf } from './preview.ts';
import { saveBlob } from './save-blob.ts';

/** Of an archive, before its ending. */
const LONGEST_NAME = 100;

const PreviewDialog = lazy(async () => ({ default: (await untilLoaded(() => import('./preview-dialog.tsx'))).PreviewDialog }));

export function AttachmentList({ message }: { readonly message: Message }): ReactNode {
  const words = useWords();
  const parts = attachmentsOf(message);
  const [shown, setShown] = useState<BodyPart>();
  const kind = shown && previewOf(shown);
  if (parts.length === 0) return null;
  return (
    <section className="attachments" aria-label={words.read.attachments(parts.length)}>
      <h2>{words.read.attachments(parts.length)}</h2>
      <ul>
        {parts.map((part) => (
          <Attachment key={part.blobId} part={part} onShow={setShown} />
        ))}
      </ul>
      {parts.length < 2 ? null : <SaveAll message={message} parts={parts} />}
      {shown === undefined || kind === undefined ? null : (
        <Suspense>
          <PreviewDialog part={shown} kind={kind} onClose={() => setShown(undefined)} />
        </Suspense>
      )}
    </section>
  );
}

/** Each by itself as the relay gives it, put together here. */
function SaveAll({ message, parts }: { readonly message: Message; readonly parts: readonly BodyPart[] }): ReactNode {
  const words = useWords();
  const jmap = useJmap();
  const toasts = useToasts();
  const [isBusy, setIsBusy] = useState(false);
  const save = async (): Promise<void> => {
    setIsBusy(true);
    try {
      const { uniqueNames, zipOf } = await import('./zip.ts');
      const names = uniqueNames(parts.map((part) => partNameOf(part, words.read.unnamed)));
      const files: { name: string; blob: Blob }[] = [];
      for (const [index, { blobId, type }] of parts.entries()) {
        const name = names[index] ?? words.read.unnamed;
        files.push({ name, blob: await jmap.download(blobId ?? '', name, type) });
      }
      const zip = await zipOf(files, new Date(message.receivedAt));
      saveBlob(zip, fileNameOf({ name: `${(message.subject ?? '').slice(0, LONGEST_NAME)}.zip` }, 'attachments.zip'));
    } catch (error) {
      toasts.show(isPassing(error) ? { text: words.read.fileNotHere } : { text: failureText(error, words), kind: 'failed' });
    } finally {
      setIsBusy(false);
    }
  };
  return (
    <button type="button" className="text-button" disabled={isBusy} onClick={() => void save()}>
      {isBusy ? words.read.savingAll : words.read.saveAll}
    </button>
  );
}

function Attachment({ part, onShow }: { readonly part: BodyPart; readonly onShow: (part: BodyPart) => void }): ReactNode {
  const words = useWords();
  const { size } = useFormats();
  const jmap = useJmap();
  const toasts = useToasts();
  const [isBusy, setIsBusy] = useState(false);
  const name = partNameOf(part, words.read.unnamed);
  const save = async (): Promise<void> => {
    setIsBusy(true);
    try {
      saveBlob(await jmap.download(part.blobId ?? '', name, part.type), name);
    } catch (error) {
      toasts.show(isPassing(error) ? { text: words.read.fileNotHere } : { text: failureText(error, words), kind: 'failed' });
    } finally {
      setIsBusy(false);
    }
  };
  return (
    <li className="attachment">
      <Icon name={part.type.startsWith('image/') ? 'image' : 'file'} size={22} />
      {previewOf(part) !== undefined ? (
        <button type="button" className="attachment-name" aria-label={words.read.view(name)} onClick={() => onShow(part)}>
          {name}
        </button>
      ) : (
        <span className="attachment-name">{name}</span>
      )}
      <span className="attachment-size">{size(part.size)}</span>
      <IconButton icon="down" label={words.read.download(name)} isDisabled={isBusy} onClick={() => void save()} />
    </li>
  );
}
