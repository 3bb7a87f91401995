/* Two mailboxes such as people have: some hundred messages of the last half year each, in German and English. The same in each demo, but for the dates. */
import { appendToFake, freshFakeMailbox, toModifiedUtf7, type FakeStorage } from '@stopgap/testkit';
import { ANNA, BEN } from '../practice-accounts.ts';
import { ENGLISH_CIRCULARS, GERMAN_CIRCULARS } from './circulars.ts';
import { pictureOf } from './attachments.ts';
import { conversations, dayText, type Chance } from './conversations.ts';
import { bytesOf } from './letter.ts';
import { newestFor } from './newest.ts';
import type { Owner } from './owner.ts';
import { GERMANS, OTHERS } from './people.ts';
import type { Placed } from './place.ts';
import { PLOTS_DE } from './plots-de.ts';
import { PLOTS_EN } from './plots-en.ts';
import { randomFrom } from './random.ts';
import { unsentOf, unwantedFor } from './side-mail.ts';

const DAY_MS = 86_400_000;
/** A circular's own hour. */
const MORNING_MS = 5.5 * 3_600_000;

const OWNERS: readonly Owner[] = [
  {
    who: ANNA,
    seed: 71,
    folders: ['Archive', 'Rechnungen', 'Projekte', 'Projekte/Neubau Nordhof', 'Projekte/Gartenhaus'],
    circulars: GERMAN_CIRCULARS,
    talks: [
      { language: 'de', plots: PLOTS_DE, people: GERMANS, times: 7 },
      { language: 'en', plots: PLOTS_EN, people: OTHERS, times: 3 },
    ],
  },
  {
    who: BEN,
    seed: 1312,
    folders: ['Archive', 'Builds', 'Invoices', 'Clients', 'Clients/Harbour House'],
    circulars: ENGLISH_CIRCULARS,
    talks: [
      { language: 'en', plots: PLOTS_EN, people: OTHERS, times: 7 },
      { language: 'de', plots: PLOTS_DE, people: GERMANS, times: 2 },
    ],
  },
];

/** @param storageOf by address, as the provider has it: empty, but for its standard mailboxes */
export async function fillMailboxes(storageOf: (address: string) => FakeStorage, nowMs: number): Promise<void> {
  const pictures = [pictureOf('', 0.1), pictureOf('', 0.4), pictureOf('', 0.75)] as const;
  for (const owner of OWNERS) {
    const storage = storageOf(owner.who.address);
    for (const folder of owner.folders) storage.set(toModifiedUtf7(folder), freshFakeMailbox(toModifiedUtf7(folder)));
    for (const { folder, letter, flags } of mailOf(owner, { random: randomFrom(owner.seed), nowMs, pictures })) {
      const mailbox = storage.get(toModifiedUtf7(folder));
      if (mailbox !== undefined) appendToFake(mailbox, await bytesOf(letter), { flags, receivedAtMs: letter.atMs });
    }
  }
}

/** As it came, oldest first. */
function mailOf(owner: Owner, chance: Chance): Placed[] {
  const { nowMs } = chance;
  const others = [ANNA, BEN].filter(({ address }) => address !== owner.who.address);
  return [
    ...conversations(owner, chance),
    ...circularsOf(owner, chance),
    ...unwantedFor(owner, nowMs),
    ...unsentOf(owner, nowMs),
    ...others.flatMap((other) => newestFor(owner.who, other, nowMs)),
  ].toSorted((one, other) => one.letter.atMs - other.letter.atMs);
}

function circularsOf({ who, circulars, folders, seed }: Owner, { random, nowMs }: Chance): Placed[] {
  return circulars.flatMap(({ from, everyDays, count, folder, write }, kind) =>
    Array.from({ length: count }, (_, back): Placed => {
      const ageDays = back * everyDays + 1 + kind;
      const atMs = Math.floor((nowMs - ageDays * DAY_MS) / DAY_MS) * DAY_MS + MORNING_MS + kind * 600_000;
      const language = circulars === GERMAN_CIRCULARS ? 'de' : 'en';
      const issue = write(count - back, dayText(atMs + 3 * DAY_MS, language), random);
      const isFiled = folder !== undefined && folders.includes(folder) && ageDays > 8;
      const isSeen = ageDays > 20 || random.next() < 0.7;
      const letter = { from, to: [who], atMs, id: `${seed}-circular-${kind}-${count - back}`, isCircular: true, ...issue };
      return { owner: who.address, folder: isFiled ? folder : 'INBOX', flags: isSeen ? ['$seen'] : [], letter };
    }),
  );
}
