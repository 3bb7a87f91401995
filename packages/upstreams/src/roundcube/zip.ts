/*
 * Reading a ZIP archive that is in memory as a whole, by its central directory, which knows all sizes also where the entries themselves come with data
 * descriptors behind them. Stored and deflated entries; no encryption, no Zip64 (nothing over 4 GB).
 */
import { crc32, inflateRawSync } from 'node:zlib';

const END = 0x06054b50;
const CENTRAL = 0x02014b50;
const LOCAL = 0x04034b50;
const END_BYTES = 22;
const CENTRAL_BYTES = 46;
const LOCAL_BYTES = 30;
const LONGEST_COMMENT = 0xffff;
const ZIP64 = 0xffffffff;
const ENCRYPTED = 1;

export interface ZipEntry {
  readonly name: string;
  readonly sizeBytes: number;
  /** The content. Throws when it is not what the archive says it is. */
  read(): Buffer;
}

/** Throws an Error when it is not a whole archive. */
export function readZip(archive: Buffer): readonly ZipEntry[] {
  const end = findEnd(archive);
  const count = archive.readUInt16LE(end + 10);
  let at = archive.readUInt32LE(end + 16);
  const entries: ZipEntry[] = [];
  while (entries.length < count) {
    if (at + CENTRAL_BYTES > end || archive.readUInt32LE(at) !== CENTRAL) throw new Error('the directory of the archive is damaged');
    const nameBytes = archive.readUInt16LE(at + 28);
    entries.push(entryAt(archive, at, nameBytes));
    at += CENTRAL_BYTES + nameBytes + archive.readUInt16LE(at + 30) + archive.readUInt16LE(at + 32);
  }
  return entries;
}

function findEnd(archive: Buffer): number {
  const earliest = Math.max(0, archive.length - END_BYTES - LONGEST_COMMENT);
  for (let at = archive.length - END_BYTES; at >= earliest; at--) if (archive.readUInt32LE(at) === END) return at;
  throw new Error('the archive has no end');
}

function entryAt(archive: Buffer, at: number, nameBytes: number): ZipEntry {
  const sizes = { packed: archive.readUInt32LE(at + 20), whole: archive.readUInt32LE(at + 24) };
  const offset = archive.readUInt32LE(at + 42);
  if (sizes.packed === ZIP64 || sizes.whole === ZIP64 || offset === ZIP64) throw new Error('the archive is too large');
  if ((archive.readUInt16LE(at + 8) & ENCRYPTED) !== 0) throw new Error('the archive is encrypted');
  const method = archive.readUInt16LE(at + 10);
  const checksum = archive.readUInt32LE(at + 16);
  return {
    name: archive.subarray(at + CENTRAL_BYTES, at + CENTRAL_BYTES + nameBytes).toString('utf8'),
    sizeBytes: sizes.whole,
    read() {
      const bytes = unpacked(packedAt(archive, offset, sizes.packed), method, sizes.whole);
      if (bytes.length !== sizes.whole || crc32(bytes) !== checksum) throw new Error('an entry of the archive is damaged');
      return bytes;
    },
  };
}

/** The local header has its own idea of how long name and extra field are. */
function packedAt(archive: Buffer, offset: number, bytes: number): Buffer {
  if (offset + LOCAL_BYTES > archive.length || archive.readUInt32LE(offset) !== LOCAL)
    throw new Error('an entry of the archive is missing');
  const from = offset + LOCAL_BYTES + archive.readUInt16LE(offset + 26) + archive.readUInt16LE(offset + 28);
  return archive.subarray(from, from + bytes);
}

function unpacked(packed: Buffer, method: number, wholeBytes: number): Buffer {
  if (method === 0) return packed;
  if (method !== 8) throw new Error(`the archive is packed by method ${method}`);
  if (wholeBytes === 0) return Buffer.alloc(0);
  return inflateRawSync(packed, { maxOutputLength: wholeBytes });
}
