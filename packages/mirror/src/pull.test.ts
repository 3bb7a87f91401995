import type { Store } from '@stopgap/store';
import { describe, expect, test, vi } from 'vitest';
import { ALICE, contentHere, hashOf, letter, mailThere, openBench } from './test-bench.ts';

const FOR_ANYTHING = { kind: 'text', field: 'text', value: 'anything' } as const;

describe('pull', () => {
  test('every mailbox, every message byte for byte, with flags', async () => {
    await using bench = await openBench();
    const { there } = bench;
    there.createMailbox('Sent', 'sent');
    there.createMailbox('Work/Köln');
    for (let i = 0; i < 120; i += 1) there.deliver('INBOX', letter(i), { flags: i % 2 === 0 ? ['$seen'] : [] });
    there.deliver('Sent', letter('sent'), { flags: ['$seen', 'label1'] });
    there.deliver('Work/Köln', Buffer.concat([letter('big'), Buffer.alloc(300_000, 'x\r\n')]));
    await bench.round('imap');
    expect(contentHere(bench.store)).toEqual(mailThere(there));
  });

  test('nothing twice, and only what is new', async () => {
    await using bench = await openBench();
    bench.there.deliver('INBOX', letter(1));
    await bench.round('imap');
    const before = bench.here();
    await bench.round('imap');
    expect(bench.here()).toEqual(before);
    bench.there.deliver('INBOX', letter(2));
    await bench.round('imap');
    expect(bench.here()['INBOX']?.slice(0, 1)).toEqual(before['INBOX']);
    expect(contentHere(bench.store)).toEqual(mailThere(bench.there));
    expect(bench.report.report.found.messages).toBe(2);
  });

  test.each(['imap', 'jmap'] as const)('%s: in whatever order a server gives them, the newest gets the highest UID', async (kind) => {
    await using bench = await openBench();
    for (let i = 0; i < 50; i += 1) bench.there.deliver('INBOX', letter(i));
    await bench.round(kind);
    expect(bench.here()['INBOX']?.map(({ hash }) => hash)).toEqual(Array.from({ length: 50 }, (_, i) => hashOf(letter(i))));
  });

  test('identical messages and messages without a Message-ID stay as many as they are', async () => {
    await using bench = await openBench();
    for (let i = 0; i < 3; i += 1) bench.there.deliver('INBOX', letter('same'));
    for (let i = 0; i < 2; i += 1) bench.there.deliver('INBOX', letter('nameless', null));
    bench.there.deliver('INBOX', letter('other', '<same@elsewhere.test>'));
    await bench.round('imap');
    await bench.round('imap');
    expect(contentHere(bench.store)).toEqual(mailThere(bench.there));
  });

  test('flags and deletions of other clients are followed', async () => {
    await using bench = await openBench();
    const uids = [1, 2, 3].map((number) => bench.there.deliver('INBOX', letter(number)));
    await bench.round('imap');
    bench.there.changeFlags('INBOX', uids[0] ?? 0, { add: ['$flagged', 'label2'], remove: [] });
    bench.there.expunge('INBOX', uids[1] ?? 0);
    for (let i = 0; i < 3; i += 1) await bench.round('imap');
    expect(contentHere(bench.store)).toEqual(mailThere(bench.there));
  });

  test('a look after single changes reads those, and not the mailbox', async () => {
    await using bench = await openBench();
    const uids = Array.from({ length: 300 }, (_, n) => bench.there.deliver('INBOX', letter(n)));
    await bench.round('imap');
    bench.there.changeFlags('INBOX', uids[0] ?? 0, { add: ['$flagged'], remove: [] });
    bench.there.expunge('INBOX', uids[1] ?? 0);
    bench.there.deliver('INBOX', letter('new'));
    // What still reads for the search index would be counted, too.
    await vi.waitFor(
      async () => expect(await bench.mailboxes.search(ALICE, FOR_ANYTHING, { limit: 1 })).toMatchObject({ isComplete: true }),
      30_000,
    );
    const rows = countRows(bench.store);
    await bench.round('imap');
    expect(rows()).toBeLessThan(100);
    expect(contentHere(bench.store)).toEqual(mailThere(bench.there));
  });

  test('a crash between batches costs a listing and nothing else', async () => {
    await using bench = await openBench();
    for (let i = 0; i < 300; i += 1) bench.there.deliver('INBOX', letter(i));
    bench.provider.paths.imap.faults.endsAfterFetched = 130;
    await expect(bench.round('imap')).rejects.toMatchObject({ code: 'session-ended' });
    // The newest hundred are asked for alone.
    expect(bench.here()['INBOX']).toHaveLength(230);
    bench.restart();
    bench.provider.paths.imap.faults.endsAfterFetched = undefined;
    await bench.round('imap');
    expect(contentHere(bench.store)).toEqual(mailThere(bench.there));
    expect(bench.report.report.found.messages).toBe(300);
  });
});

/** How many rows the store has given since. */
function countRows(store: Store): () => number {
  const read = store.read.bind(store);
  let rows = 0;
  vi.spyOn(store, 'read').mockImplementation((job) =>
    read((reader) =>
      job({
        get: (sql, ...values) => {
          rows += 1;
          return reader.get(sql, ...values);
        },
        all: (sql, ...values) => {
          const found = reader.all<never>(sql, ...values);
          rows += found.length;
          return found;
        },
        column: (sql, ...values) => {
          const found = reader.column<never>(sql, ...values);
          rows += found.length;
          return found;
        },
      }),
    ),
  );
  return () => rows;
}
