import { useEffect, useRef } from 'react';

/** As in `composer.css`. */
const FILLS_SCREEN = '(width < 700px)';
const LETTER = 'letter';

/** The step back that a window which is gone has begun. */
let left: Promise<unknown> = Promise.resolve();

/**
 * Where a letter's window fills the screen, the browser's step back closes it, as on a phone it closes whatever is in front.
 * @param close false: it stays open
 */
export function useBackCloses(isFront: boolean, close: () => Promise<boolean>): void {
  const latest = useRef(close);
  latest.current = close;
  useEffect(() => {
    if (!isFront || !matchMedia(FILLS_SCREEN).matches) return;
    const life = { isOver: false, isIn: false };
    const stepIn = (): void => {
      if (life.isOver) return;
      life.isIn = true;
      history.pushState(LETTER, '');
    };
    const onStep = (): void => {
      if (!life.isIn || history.state === LETTER) return;
      life.isIn = false;
      void latest.current().then((isClosed) => isClosed || stepIn());
    };
    addEventListener('popstate', onStep);
    void left.then(stepIn);
    return () => {
      life.isOver = true;
      removeEventListener('popstate', onStep);
      if (!life.isIn || history.state !== LETTER) return;
      left = new Promise((done) => addEventListener('popstate', done, { once: true }));
      history.back();
    };
  }, [isFront]);
}
