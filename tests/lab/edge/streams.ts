import type { Duplex } from 'node:stream';
import type { Passage } from './passage.ts';

const SLOW_STEP_MS = 50;

export function passThrough(passage: Passage): void {
  const backend = passage.backend();
  passage.client.pipe(backend);
  backend.pipe(passage.client);
}

/** The banner passes, then nothing in either direction. */
export function swallow(passage: Passage): void {
  const backend = passage.backend();
  backend.once('data', (banner: Buffer) => {
    passage.client.write(banner);
    backend.resume();
  });
  passage.client.resume();
}

export function passSlowly(passage: Passage, bytesPerSecond: number): void {
  const backend = passage.backend();
  trickle(passage.client, backend, bytesPerSecond);
  trickle(backend, passage.client, bytesPerSecond);
}

/** RST both ways once `after` bytes have come from one side; exactly these bytes reach the other one. */
export function passThenCut(passage: Passage, side: 'client' | 'server', after: number): void {
  const backend = passage.backend();
  const [counted, other] = side === 'client' ? [passage.client, backend] : [backend, passage.client];
  let left = after;
  other.pipe(counted);
  counted.on('data', (chunk: Buffer) => {
    if (left < 0) return;
    if (chunk.length < left || !passage.spell.strike()) {
      left -= Math.min(chunk.length, left);
      forward(counted, other, chunk);
      return;
    }
    const last = chunk.subarray(0, left);
    left = -1;
    counted.pause();
    other.write(last, () => passage.resetBoth());
  });
  counted.once('end', () => other.end());
}

/** Writes with back pressure, so that a large message does not pile up in the edge. */
export function forward(from: Duplex, to: Duplex, chunk: Buffer): void {
  if (to.write(chunk) || from.isPaused()) return;
  from.pause();
  to.once('drain', () => from.resume());
}

function trickle(from: Duplex, to: Duplex, bytesPerSecond: number): void {
  const step = Math.max(1, Math.ceil((bytesPerSecond * SLOW_STEP_MS) / 1000));
  from.on('data', (chunk: Buffer) => {
    from.pause();
    let sent = 0;
    const timer = setInterval(() => {
      if (to.destroyed) {
        clearInterval(timer);
        return;
      }
      to.write(chunk.subarray(sent, (sent += step)));
      if (sent < chunk.length) return;
      clearInterval(timer);
      from.resume();
    }, SLOW_STEP_MS);
  });
  from.once('end', () => to.end());
}
