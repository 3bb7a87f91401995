import { useEffect, useState, type ReactNode } from 'react';
import { useSetupWords } from '../words/setup/use-setup-words.ts';

const SHOWN_MS = 2500;

/** Where the browser lets a page copy: on this machine, and by TLS. Elsewhere it is not there. */
export function CopyButton({ text, what }: { readonly text: string; readonly what: string }): ReactNode {
  const { programs: words } = useSetupWords();
  const [isCopied, setIsCopied] = useState(false);
  useEffect(() => {
    if (!isCopied) return undefined;
    const timer = setTimeout(() => setIsCopied(false), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [isCopied]);
  // Absent in a page that came in clear, whatever its type says.
  const clipboard = navigator.clipboard as Clipboard | undefined;
  if (clipboard === undefined) return null;
  return (
    <button
      type="button"
      className="text-button copy-button"
      aria-label={`${isCopied ? words.copied : words.copy}: ${what}`}
      onClick={() =>
        void clipboard.writeText(text).then(
          () => setIsCopied(true),
          () => setIsCopied(false),
        )
      }
    >
      <span aria-live="polite">{isCopied ? words.copied : words.copy}</span>
    </button>
  );
}
