import { crc32, deflateRawSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { readZip } from './zip.ts';

interface Part {
  readonly name: string;
  readonly content: Buffer;
  readonly isStored?: boolean;
  /** Sizes behind the entry, and zeros before it. */
  readonly hasDescriptor?: boolean;
}

function zipOf(parts: readonly Part[], comment = ''): Buffer {
  const locals: Buffer[] = [];
  const central: Buffer[] = [];
  let offset = 0;
  for (const part of parts) {
    const packed = part.isStored === true ? part.content : deflateRawSync(part.content);
    const sums = Buffer.alloc(12);
    sums.writeUInt32LE(crc32(part.content), 0);
    sums.writeUInt32LE(packed.length, 4);
    sums.writeUInt32LE(part.content.length, 8);
    const head = Buffer.alloc(26);
    head.writeUInt16LE(20, 0);
    head.writeUInt16LE(part.hasDescriptor === true ? 8 : 0, 2);
    head.writeUInt16LE(part.isStored === true ? 0 : 8, 4);
    sums.copy(head, 10);
    head.writeUInt16LE(Buffer.byteLength(part.name), 22);
    const local = Buffer.concat([Buffer.from('PK\x03\x04'), head, Buffer.from(part.name), packed]);
    if (part.hasDescriptor === true) local.fill(0, 14, 26);
    const whole = part.hasDescriptor === true ? Buffer.concat([local, Buffer.from('PK\x07\x08'), sums]) : local;
    const entry = Buffer.alloc(46);
    entry.write('PK\x01\x02', 0, 'latin1');
    head.copy(entry, 6);
    entry.writeUInt32LE(offset, 42);
    central.push(entry, Buffer.from(part.name));
    locals.push(whole);
    offset += whole.length;
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 0, 'latin1');
  end.writeUInt16LE(parts.length, 8);
  end.writeUInt16LE(parts.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(offset, 16);
  end.writeUInt16LE(comment.length, 20);
  return Buffer.concat([...locals, directory, end, Buffer.from(comment)]);
}

const text = Buffer.from('line\r\n'.repeat(500));

test.for<[string, readonly Part[], string]>([
  ['nothing', [], ''],
  ['deflated', [{ name: '1 a.eml', content: text }], ''],
  ['stored', [{ name: '1 ä.eml', content: text, isStored: true }], 'a comment'],
  [
    'with sizes behind the entries',
    [
      { name: '1', content: text, hasDescriptor: true },
      { name: '2', content: Buffer.from('x'), hasDescriptor: true },
    ],
    '',
  ],
  [
    'an empty one',
    [
      { name: '1', content: Buffer.alloc(0) },
      { name: '2', content: text },
    ],
    '',
  ],
])('an archive is read: %s', ([, parts, comment]) => {
  const entries = readZip(zipOf(parts, comment));
  expect(entries.map((entry) => entry.name)).toEqual(parts.map((part) => part.name));
  expect(entries.map((entry) => entry.read())).toEqual(parts.map((part) => part.content));
});

test('an archive that is cut anywhere is refused', () => {
  const whole = zipOf([
    { name: '1', content: text },
    { name: '2', content: text, isStored: true },
  ]);
  for (let at = 0; at < whole.length; at += 7) expect(() => readZip(whole.subarray(0, at))).toThrow();
});

test('an entry that was changed is refused', () => {
  const archive = zipOf([{ name: '1', content: text, isStored: true }]);
  archive[40] = 0;
  expect(() => readZip(archive)[0]?.read()).toThrow('damaged');
});

test('an entry that unpacks to more than it says is refused', () => {
  const archive = zipOf([{ name: '1', content: text }]);
  archive.writeUInt32LE(10, archive.length - 22 - 47 + 24);
  expect(() => readZip(archive)[0]?.read()).toThrow();
});
