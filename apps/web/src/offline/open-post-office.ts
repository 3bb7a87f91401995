import type { QueryClient } from '@tanstack/react-query';
import { discardDraft } from '../api/drafts.ts';
import { identitiesQuery } from '../api/identities.ts';
import { patchMessages } from '../api/mail.ts';
import type { Jmap } from '../api/jmap.ts';
import { textOfHtml } from '../reader/text-of-html.ts';
import { databaseBoxes, memoryBoxes, mine, type Boxes } from './box.ts';
import { boxesWhenFull } from './boxes-when-full.ts';
import { DATABASE, openDatabase } from './database.ts';
import { deliverLetter } from './deliver-letter.ts';
import { findPlaces, type FindPlaces } from './delivery-places.ts';
import type { Device } from './device.ts';
import { patchOf } from './filing.ts';
import { takeAwayLate } from './late-drafts.ts';
import { layKeptDraft, removeDiscarded } from './lay-kept-draft.ts';
import { browserTurns } from './one-at-a-time.ts';
import { PostOffice } from './post-office.ts';
import { isOfInterest, notFiledText } from './not-filed-text.ts';
import { showFiled } from './show-filed.ts';
import type { Words } from '../words/en.ts';

/** Longer there is no answer to be hoped for; what was filed may be asked for again. */
const LONGEST_FILING_MS = 30_000;

export interface PostOfficeAround {
  readonly jmap: Jmap;
  readonly client: QueryClient;
  readonly device: Device;
  /** Something is at the relay now; resolves when it has been asked again for what is shown. @param textOf what is told of it; undefined: nothing */
  readonly onNews: (textOf?: (words: Words) => string, options?: { readonly yields: boolean }) => Promise<void>;
}

/** The caller closes it. */
export async function openPostOffice({ jmap, client, device, onNews }: PostOfficeAround): Promise<PostOffice> {
  const { address } = jmap;
  void client.prefetchQuery(identitiesQuery(jmap));
  const kept = await keptBoxes(device, address);
  const places: FindPlaces = (isAnew = false) => findPlaces(jmap, client, isAnew);
  const nowMs = (): number => Date.now();
  return new PostOffice({
    address,
    ...(kept === undefined ? { boxes: memoryBoxes(), isKept: () => false } : boxesWhenFull(kept)),
    turns: browserTurns(navigator.locks, address),
    carry: (letter, note, isWatched) => deliverLetter(letter, { jmap, places, note, textOfHtml, nowMs, isWatched }),
    onTaken: ({ draft: { subject } }, submitted) =>
      void onNews(({ post, write }) => (submitted?.isCalledBack === true ? write.calledBack : post.taken(subject))),
    drafts: {
      save: (kept, note) => layKeptDraft(kept, { jmap, places, note, textOfHtml, nowMs }),
      remove: (thrownAway) => removeDiscarded(thrownAway, { jmap, places }),
      discard: (emailId) => discardDraft(jmap, emailId),
      onSaved: ({ isDiscarded }) => void onNews(isDiscarded === true ? undefined : ({ post }) => post.draftSaved),
    },
    late: { nowMs, takeAway: (late) => takeAwayLate(late, { jmap, places }) },
    filing: {
      async carry({ steps }) {
        const patches = new Map(steps.map((step) => [step.id, patchOf(step)]));
        const refused = await patchMessages(jmap, patches, AbortSignal.timeout(LONGEST_FILING_MS));
        return steps.flatMap((step) => {
          const { type, description = '' } = refused.get(step.id) ?? {};
          return type === undefined ? [] : [{ step, type, detail: description ?? '' }];
        });
      },
      onFiled: (filing) => showFiled(client, filing),
      onCarried({ refused, hadWaited }) {
        const told = refused.filter(isOfInterest);
        if (told.length > 0) return onNews((words) => notFiledText(told, words));
        return hadWaited ? onNews(({ post }) => post.filed, { yields: true }) : onNews();
      },
      mayKeepMail: () => kept === undefined || device.isOwn(),
      isCutOff: () => !navigator.onLine,
    },
  });
}

/** On a device that is not one's own any more, too, as long as something of this person waits there. Undefined: nothing is kept. */
async function keptBoxes(device: Device, address: string): Promise<Boxes | undefined> {
  const store = await device.store();
  if (store !== undefined) return store.boxes;
  const databases = await indexedDB.databases().catch(() => []);
  if (!databases.some(({ name }) => name === DATABASE)) return undefined;
  const boxes = databaseBoxes(await openDatabase());
  const found = await Promise.all([
    mine(boxes.letters, address),
    mine(boxes.drafts, address),
    mine(boxes.late, address),
    mine(boxes.filings, address),
  ]);
  return found.some(({ length }) => length > 0) ? boxes : undefined;
}
