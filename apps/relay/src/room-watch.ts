import { statfsSync } from 'node:fs';

/** Kept free beside what comes in: the outcomes of what is under way, notices and the database's log must still fit when intake has stopped. */
const KEPT_FREE_BYTES = 32 * 1024 * 1024;
/** On a small disk, this share instead. */
const KEPT_FREE_SHARE = 0.1;
const LOOK_EVERY_MS = 250;
/** What a message writes beside its own bytes: rows and indexes, in the log and in the database. */
const ROWS_BYTES = 64 * 1024;

export interface RoomWatch extends Disposable {
  /** May so many more bytes come in? If so they count as taken until the next look: a quarter of a second of a fast sender is more than what is kept. */
  hasRoomFor(bytes: number): boolean;
}

/** What `statfs` tells of a file system, as far as it matters here. */
export interface DiskFigures {
  readonly bavail: number;
  readonly bsize: number;
  readonly blocks: number;
}

/** Watches the file system of the data directory, so that a full disk is met at MAIL FROM with 452 and not in the middle of a commit. */
export function roomWatch(dataDir: string, figuresOf: (directory: string) => DiskFigures = statfsSync): RoomWatch {
  let freeBytes = 0;
  const look = () => {
    freeBytes = freeFor(dataDir, figuresOf);
  };
  look();
  const timer = setInterval(look, LOOK_EVERY_MS);
  timer.unref();
  return {
    hasRoomFor(bytes) {
      if (bytes >= freeBytes) return false;
      freeBytes -= bytes + ROWS_BYTES;
      return true;
    },
    [Symbol.dispose]: () => clearInterval(timer),
  };
}

function freeFor(dataDir: string, figuresOf: (directory: string) => DiskFigures): number {
  try {
    const { bavail, bsize, blocks } = figuresOf(dataDir);
    return bavail * bsize - Math.min(KEPT_FREE_BYTES, blocks * bsize * KEPT_FREE_SHARE);
  } catch {
    // A disk that can not even be asked takes no mail: 452, and the sender keeps it.
    return 0;
  }
}
