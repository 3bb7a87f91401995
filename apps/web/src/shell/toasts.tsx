import { createContext, use, useCallback, useEffect, useMemo, useRef, useState, type ReactNode } from 'react';
import { useWords } from '../words/use-words.ts';
import { IconButton } from './button.tsx';

/** Long enough to read it, find the button and press it. */
const SHOWN_MS = 9000;

export interface Toast {
  readonly text: string;
  readonly kind?: 'done' | 'failed';
  /** It says what came of an earlier one: it does not take the place of one that offers something. */
  readonly yields?: boolean;
  readonly action?: { readonly label: string; readonly run: () => void };
}

export interface Toasts {
  readonly show: (toast: Toast) => void;
  /** Does what the shown one offers, if it offers something. */
  readonly act: () => void;
}

const ToastsContext = createContext<Toasts>({ show: () => undefined, act: () => undefined });

export function useToasts(): Toasts {
  return use(ToastsContext);
}

/** One at a time: what was done last, and a way back. */
export function ToastsAround({ children }: { readonly children: ReactNode }): ReactNode {
  const words = useWords();
  const [shown, setShown] = useState<Toast>();
  const current = useRef(shown);
  const show = useCallback((toast: Toast | undefined) => {
    if (toast?.yields === true && current.current?.action !== undefined) return;
    current.current = toast;
    setShown(toast);
  }, []);
  const act = useCallback(() => {
    const { action } = current.current ?? {};
    if (action === undefined) return;
    show(undefined);
    action.run();
  }, [show]);
  useEffect(() => {
    if (shown === undefined) return undefined;
    const timer = setTimeout(() => show(undefined), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [shown, show]);
  const toasts = useMemo(() => ({ show, act }), [show, act]);
  return (
    <ToastsContext value={toasts}>
      {children}
      <div className="toasts" role="status" aria-live="polite">
        {shown === undefined ? null : (
          <div className={`toast toast-${shown.kind ?? 'done'}`}>
            <span>{shown.text}</span>
            {shown.action === undefined ? null : (
              <button type="button" className="text-button" onClick={act}>
                {shown.action.label}
              </button>
            )}
            <IconButton icon="close" label={words.app.close} onClick={() => show(undefined)} />
          </div>
        )}
      </div>
    </ToastsContext>
  );
}
