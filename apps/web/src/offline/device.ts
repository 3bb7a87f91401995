/*
 * Whether this is the person's own device decides what stays in the browser. It is asked at the log-in and remembered; who shares a computer must not leave
 * mail on it by mistake, so the answer is no until somebody says yes - but on a phone and in an installed client, which are nobody else's.
 */
import type { DeviceStore } from './device-store.ts';

const KEY = 'stopgap.device';
const OWN = 'own';
const PERSONAL = '(display-mode: standalone), (pointer: coarse) and (max-width: 700px)';

export interface Device {
  readonly isOwn: () => boolean;
  /** What is proposed at the log-in. */
  readonly seemsOwn: () => boolean;
  /** False: what was kept goes. */
  readonly setOwn: (isOwn: boolean) => Promise<void>;
  /** Undefined: nothing is kept here. */
  readonly store: () => Promise<DeviceStore | undefined>;
}

export function createDevice(storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>): Device {
  const isOwn = (): boolean => storage.getItem(KEY) === OWN;
  let opened: Promise<DeviceStore | undefined> | undefined;
  const open = (): Promise<DeviceStore | undefined> => {
    opened ??= import('./device-store.ts').then(({ openDeviceStore }) => openDeviceStore(isOwn));
    return opened;
  };
  return {
    isOwn,
    seemsOwn: () => isOwn() || matchMedia(PERSONAL).matches,
    async setOwn(own) {
      if (own) {
        storage.setItem(KEY, OWN);
        // A browser short of room clears away what nobody asked it to keep: letters that wait, too. It may say no.
        if ('storage' in navigator) navigator.storage.persist().catch(() => undefined);
      } else if (isOwn()) {
        // First: an answer that comes at this moment, here or in another window, must not be kept any more.
        storage.removeItem(KEY);
        await (await open())?.forgetMail();
      }
    },
    store: async () => (isOwn() ? open() : undefined),
  };
}
