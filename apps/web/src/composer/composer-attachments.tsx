import type { ReactNode } from 'react';
import { IconButton } from '../shell/button.tsx';
import { Icon } from '../shell/icons.tsx';
import { useFormats, useWords } from '../words/use-words.ts';
import type { DraftAttachment } from './draft.ts';

interface ComposerAttachmentsProps {
  readonly attachments: readonly DraftAttachment[];
  readonly onRemove: (key: string) => void;
}

export function ComposerAttachments({ attachments, onRemove }: ComposerAttachmentsProps): ReactNode {
  const words = useWords();
  const { size } = useFormats();
  if (attachments.length === 0) return null;
  return (
    <ul className="composer-attachments" aria-label={words.read.attachments(attachments.length)}>
      {attachments.map(({ key, name, sizeBytes, blobId, progress, isFailed, isWaiting }) => (
        <li key={key} className={`attachment ${isFailed ? 'is-failed' : ''}`}>
          <Icon name={isFailed ? 'warning' : 'file'} size={20} />
          <span className="attachment-name">{name}</span>
          {blobId !== undefined ? (
            <span className="attachment-size">{size(sizeBytes)}</span>
          ) : isFailed ? (
            <span className="attachment-size">{words.write.uploadFailed}</span>
          ) : isWaiting === true ? (
            <span className="attachment-size">{words.write.uploadWaits}</span>
          ) : (
            <progress max={1} value={progress} aria-label={words.write.uploading(Math.round(progress * 100))} />
          )}
          <IconButton icon="close" label={words.write.remove(name)} onClick={() => onRemove(key)} />
        </li>
      ))}
    </ul>
  );
}
