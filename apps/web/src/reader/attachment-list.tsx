import { useState, type ReactNode } from 'react';
import type { BodyPart, Message } from '../api/methods.ts';
import { plainText } from '../list/address-text.ts';
import { IconButton } from '../shell/button.tsx';
import { failureText } from '../shell/failure-text.ts';
import { Icon } from '../shell/icons.tsx';
import { useJmap } from '../shell/mail-session.tsx';
import { useToasts } from '../shell/toasts.tsx';
import { useFormats, useWords } from '../words/use-words.ts';
import { ImageDialog, isShownImage } from './image-dialog.tsx';
import { attachmentsOf } from './message-text.ts';
import { saveBlob } from './save-blob.ts';

export function AttachmentList({ message }: { readonly message: Message }): ReactNode {
  const words = useWords();
  const parts = attachmentsOf(message);
  const [shown, setShown] = useState<BodyPart>();
  if (parts.length === 0) return null;
  return (
    <section className="attachments" aria-label={words.read.attachments(parts.length)}>
      <h2>{words.read.attachments(parts.length)}</h2>
      <ul>
        {parts.map((part) => (
          <Attachment key={part.blobId} part={part} onShow={setShown} />
        ))}
      </ul>
      {shown === undefined ? null : <ImageDialog part={shown} onClose={() => setShown(undefined)} />}
    </section>
  );
}

function Attachment({ part, onShow }: { readonly part: BodyPart; readonly onShow: (part: BodyPart) => void }): ReactNode {
  const words = useWords();
  const { size } = useFormats();
  const jmap = useJmap();
  const toasts = useToasts();
  const [isBusy, setIsBusy] = useState(false);
  const name = fileNameOf(part, words.read.unnamed);
  const save = async (): Promise<void> => {
    setIsBusy(true);
    try {
      saveBlob(await jmap.download(part.blobId ?? '', name, part.type), name);
    } catch (error) {
      toasts.show({ text: failureText(error, words), kind: 'failed' });
    } finally {
      setIsBusy(false);
    }
  };
  return (
    <li className="attachment">
      <Icon name={part.type.startsWith('image/') ? 'image' : 'file'} size={22} />
      {isShownImage(part) ? (
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

/** As it may be written to a disk: no folders, no tricks with the direction of writing. */
export function fileNameOf({ name }: Pick<BodyPart, 'name'>, unnamed: string): string {
  const clean = plainText(name ?? '')
    .replaceAll(/[/\\:*?"<>|]/g, '_')
    .replace(/^\.+/, '')
    .slice(-120);
  return clean === '' ? unnamed : clean;
}
