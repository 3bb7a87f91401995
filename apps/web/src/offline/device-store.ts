import type { SessionResource } from '@stopgap/jmap';
import type { QueryClient, QueryKey } from '@tanstack/react-query';
import { isOutdated } from '../api/failures.ts';
import type { Jmap } from '../api/jmap.ts';
import { databaseBoxes, type Boxes } from './box.ts';
import { keepAnswers } from './keep-answers.ts';
import { keepBlobs } from './keep-blobs.ts';
import { openAsItIs, openDatabase, OWNER, type Database } from './database.ts';

const MAIL = ['owner', 'answers', 'blobs'] as const;

/** What is kept on a person's own device. */
export interface DeviceStore {
  /** Whose mail is kept here; undefined: nobody's. */
  readonly owner: () => Promise<SessionResource | undefined>;
  /** The mail of anybody else goes. */
  readonly setOwner: (resource: SessionResource) => Promise<void>;
  /**
   * Answers with what was last seen until the relay has answered, and keeps what it answers. Resolves when what is kept of the first ones is there.
   * @param first keys of queries
   */
  readonly keepAnswers: (client: QueryClient, address: string, first: readonly QueryKey[]) => Promise<void>;
  /** What comes of it is kept, and had from here the next time. */
  readonly keepBlobs: (jmap: Jmap) => Jmap;
  readonly boxes: Boxes;
  /** The mail that was seen here, not what was written. */
  readonly forgetMail: () => Promise<void>;
}

/** @param mayKeep asked before each answer that is kept. Undefined: this browser keeps nothing (a private window, a full disk). */
export async function openDeviceStore(mayKeep: () => boolean): Promise<DeviceStore | undefined> {
  try {
    return storeOf(await openDatabase(), mayKeep);
  } catch {
    return undefined;
  }
}

function storeOf(database: Database, mayKeep: () => boolean): DeviceStore {
  const forgetMail = async (): Promise<void> => {
    try {
      await forgetIn(database);
    } catch (error) {
      if (!isOutdated(error)) throw error;
      const newer = await openAsItIs();
      await forgetIn(newer).finally(() => newer.close());
    }
  };
  return {
    owner: () => database.get('owner', OWNER),
    async setOwner(resource) {
      const before = await database.get('owner', OWNER);
      if (before !== undefined && before.username.toLowerCase() !== resource.username.toLowerCase()) await forgetMail();
      await database.put('owner', resource, OWNER);
    },
    keepAnswers: (client, address, first) => keepAnswers(client, first, { database, mayKeep, address }),
    keepBlobs: (jmap) => ({ ...jmap, download: keepBlobs(jmap.download, { database, mayKeep, address: jmap.address }) }),
    boxes: databaseBoxes(database),
    forgetMail,
  };
}

/** A newer build may have other stores. */
async function forgetIn(database: Database): Promise<void> {
  const names = MAIL.filter((name) => database.objectStoreNames.contains(name));
  await Promise.all([...names.map((name) => database.clear(name)), forgetLines(database)]);
}

async function forgetLines(database: Database): Promise<void> {
  const { store, done } = database.transaction('filings', 'readwrite');
  for (const filing of await store.getAll()) if (filing.lines.length > 0) await store.put({ ...filing, lines: [] });
  await done;
}
