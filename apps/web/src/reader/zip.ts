/*
 * A ZIP archive (APPNOTE.TXT 6.3.10) of files that are here already: stored, not compressed, since what people attach is compressed already. A file is
 * read by pieces for its check sum and never copied; the browser puts the archive together where it keeps its blobs.
 */
const LOCAL_HEADER = 0x04034b50;
const CENTRAL_HEADER = 0x02014b50;
const END_OF_CENTRAL = 0x06054b50;
const VERSION = 20;
/** Bit 11: names are UTF-8 (APPNOTE 4.4.4). */
const UTF8_NAMES = 1 << 11;
/** Beyond, the format has other fields; no message is so large. */
const LARGEST = 0xffff_ffff;
const MOST_FILES = 0xffff;

export interface ZipFile {
  readonly name: string;
  readonly blob: Blob;
}

/** @throws RangeError for what the format can not hold */
export async function zipOf(files: readonly ZipFile[], at: Date): Promise<Blob> {
  const body: BlobPart[] = [];
  const central: BlobPart[] = [];
  let offset = 0;
  let centralSize = 0;
  if (files.length > MOST_FILES) throw new RangeError('too many files for a ZIP archive');
  for (const { name, blob } of files) {
    const nameBytes = new TextEncoder().encode(name);
    const entry = { crc: await checkSumOf(blob), size: blob.size, nameLength: nameBytes.length, ...dosTime(at) };
    const local = localHeader(entry);
    const listed = centralHeader(entry, offset);
    body.push(local, nameBytes, blob);
    central.push(listed, nameBytes);
    offset += local.byteLength + nameBytes.length + blob.size;
    centralSize += listed.byteLength + nameBytes.length;
    if (offset > LARGEST) throw new RangeError('too large for a ZIP archive');
  }
  return new Blob([...body, ...central, endOf({ count: files.length, size: centralSize, offset })], { type: 'application/zip' });
}

/** Names that differ for every file system, whatever it thinks of capitals. */
export function uniqueNames(names: readonly string[]): readonly string[] {
  const taken = new Set<string>();
  return names.map((name) => {
    const safe = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i.test(name) ? `_${name}` : name.replace(/[. ]+$/, '') || '_';
    const [, stem = safe, end = ''] = /^(.+?)(\.[^.]{1,10})?$/su.exec(safe) ?? [];
    let free = safe;
    for (let number = 2; taken.has(free.toLowerCase()); number += 1) free = `${stem} (${number})${end}`;
    taken.add(free.toLowerCase());
    return free;
  });
}

interface Entry {
  readonly crc: number;
  readonly size: number;
  readonly nameLength: number;
  readonly time: number;
  readonly date: number;
}

/** APPNOTE 4.3.7 */
function localHeader(entry: Entry): ArrayBuffer {
  return fields(30, (put) => {
    put.u32(LOCAL_HEADER);
    putShared(put, entry);
  });
}

/** APPNOTE 4.3.12 */
function centralHeader(entry: Entry, offset: number): ArrayBuffer {
  return fields(46, (put) => {
    put.u32(CENTRAL_HEADER);
    put.u16(VERSION);
    putShared(put, entry);
    // No comment, the first disk, no attributes.
    for (let field = 0; field < 3; field += 1) put.u16(0);
    put.u32(0);
    put.u32(offset);
  });
}

function putShared(put: Put, { crc, size, nameLength, time, date }: Entry): void {
  put.u16(VERSION);
  put.u16(UTF8_NAMES);
  // Stored.
  put.u16(0);
  put.u16(time);
  put.u16(date);
  put.u32(crc);
  put.u32(size);
  put.u32(size);
  put.u16(nameLength);
  put.u16(0);
}

/** APPNOTE 4.3.16 */
function endOf({ count, size, offset }: { readonly count: number; readonly size: number; readonly offset: number }): ArrayBuffer {
  return fields(22, (put) => {
    put.u32(END_OF_CENTRAL);
    put.u16(0);
    put.u16(0);
    put.u16(count);
    put.u16(count);
    put.u32(size);
    put.u32(offset);
    put.u16(0);
  });
}

interface Put {
  readonly u16: (value: number) => void;
  readonly u32: (value: number) => void;
}

function fields(length: number, write: (put: Put) => void): ArrayBuffer {
  const view = new DataView(new ArrayBuffer(length));
  let at = 0;
  write({
    u16(value) {
      view.setUint16(at, value, true);
      at += 2;
    },
    u32(value) {
      view.setUint32(at, value, true);
      at += 4;
    },
  });
  return view.buffer;
}

/** APPNOTE 4.4.6: as MS-DOS had it, in the time of the place, from 1980 on. */
function dosTime(at: Date): Pick<Entry, 'time' | 'date'> {
  return {
    time: (at.getHours() << 11) | (at.getMinutes() << 5) | (at.getSeconds() >> 1),
    date: (Math.max(0, at.getFullYear() - 1980) << 9) | ((at.getMonth() + 1) << 5) | at.getDate(),
  };
}

/** APPNOTE 4.4.7: CRC-32. */
const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});

async function checkSumOf(blob: Blob): Promise<number> {
  let crc = 0xffff_ffff;
  const reader = blob.stream().getReader();
  for (let piece = await reader.read(); !piece.done; piece = await reader.read())
    for (const byte of piece.value) crc = (TABLE[(crc ^ byte) & 0xff] ?? 0) ^ (crc >>> 8);
  return ~crc >>> 0;
}
