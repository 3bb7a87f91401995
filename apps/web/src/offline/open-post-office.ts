import type { QueryClient } from '@tanstack/react-query';
import { blobNotFound, discardDraft, findDrafts, listIdentities, saveDraft, senderOf } from '../api/drafts.ts';
import { MethodFailure } from '../api/failures.ts';
import type { Jmap } from '../api/jmap.ts';
import { listMailboxes } from '../api/mailboxes.ts';
import { withFilesUp, withFoundFiles } from '../composer/draft-files.ts';
import { emailOf, type Draft } from '../composer/draft.ts';
import { textOfHtml } from '../reader/text-of-html.ts';
import { databaseBoxes, memoryBoxes, type Boxes } from './box.ts';
import { DATABASE, openDatabase } from './database.ts';
import { deliverLetter, type DeliveryPlaces } from './deliver-letter.ts';
import type { Device } from './device.ts';
import type { KeptDraft, Letter } from './letter.ts';
import { browserTurns } from './one-at-a-time.ts';
import { PostOffice } from './post-office.ts';

export interface PostOfficeAround {
  readonly jmap: Jmap;
  readonly client: QueryClient;
  readonly device: Device;
  readonly onTaken: (letter: Letter) => void;
  readonly onSaved: (draft: KeptDraft) => void;
}

/** The caller closes it. */
export async function openPostOffice({ jmap, client, device, onTaken, onSaved }: PostOfficeAround): Promise<PostOffice> {
  const { address } = jmap;
  const kept = await keptBoxes(device, address);
  const places = (): Promise<DeliveryPlaces> => findPlaces(jmap, client);
  const nowMs = (): number => Date.now();
  return new PostOffice({
    address,
    boxes: kept ?? memoryBoxes(),
    isKept: kept !== undefined,
    turns: browserTurns(navigator.locks),
    carry: (letter, note, isWatched) => deliverLetter(letter, { jmap, places, note, textOfHtml, nowMs, isWatched }),
    async save(kept, note) {
      const { draft, name, savedId } = kept;
      const { draftsId, identity } = await places();
      // An earlier try may have got there, and its answer not here.
      const strays = await findDrafts(jmap, draftsId, draft.messageId);
      const from = senderOf(identity, address, name);
      const lay = async (one: Draft): Promise<string> =>
        saveDraft(jmap, emailOf(one, { from, draftsId, nowMs: nowMs(), textOfHtml }), savedId);
      const up = await withFilesUp(jmap, draft, (next) => note({ ...kept, draft: next }));
      await lay(up).catch(async (error: unknown) => {
        if (!blobNotFound(error)) throw error;
        return lay(await withFoundFiles(jmap, up, savedId));
      });
      for (const stray of strays) if (stray !== savedId) await discardDraft(jmap, stray);
    },
    onTaken,
    onSaved,
  });
}

/** On a device that is not one's own any more, too, as long as something of this person waits there. Undefined: nothing is kept. */
async function keptBoxes(device: Device, address: string): Promise<Boxes | undefined> {
  const store = await device.store();
  if (store !== undefined) return store.boxes;
  const databases = await indexedDB.databases().catch(() => []);
  if (!databases.some(({ name }) => name === DATABASE)) return undefined;
  const boxes = databaseBoxes(await openDatabase());
  const all = [...(await boxes.letters.all()), ...(await boxes.drafts.all())];
  return all.some((one) => one.address.toLowerCase() === address.toLowerCase()) ? boxes : undefined;
}

async function findPlaces(jmap: Jmap, client: QueryClient): Promise<DeliveryPlaces> {
  const mailboxes = await client.ensureQueryData({ queryKey: ['mailboxes'], queryFn: () => listMailboxes(jmap), retry: false });
  const [identity] = await client.ensureQueryData({ queryKey: ['identities'], queryFn: () => listIdentities(jmap), retry: false });
  const byRole = (role: string): string | undefined => mailboxes.find((one) => one.role === role)?.id;
  const draftsId = byRole('drafts');
  if (identity === undefined || draftsId === undefined) throw new MethodFailure('serverUnavailable', '');
  return { draftsId, sentId: byRole('sent'), identity };
}
