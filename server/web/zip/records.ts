/**
 * Records of ZIP archives (PKWARE APPNOTE 6.3.10, sections 4.3 and 4.5), with ZIP64 where a number
 * does not fit 16 or 32 bits. Content is stored as it is: neither compressed nor encrypted.
 */

/** One file or directory of an archive. */
export interface ZipEntry {
  /** Name in UTF-8; that of a directory ends with a slash. */
  readonly name: Uint8Array;
  readonly directory: boolean;
  readonly mtimeMs: number;
  /** Bytes of content. */
  readonly size: number;
  /** CRC-32 of the content; undefined while it is not known: then a descriptor follows the content. */
  readonly crc: number | undefined;
}

const LOCAL = 0x04034b50;
const DESCRIPTOR = 0x08074b50;
const CENTRAL = 0x02014b50;
const ZIP64_END = 0x06064b50;
const ZIP64_LOCATOR = 0x07064b50;
const END = 0x06054b50;

/** Names are UTF-8 (bit 11); sizes and CRC follow the content (bit 3). */
const UTF8 = 1 << 11;
const FOLLOWED = 1 << 3;
const VERSION = 20;
const VERSION_ZIP64 = 45;
const UNIX = 3 << 8;
const FILE_MODE = 0o100644;
const DIRECTORY_MODE = 0o040755;
const DOS_DIRECTORY = 0x10;

const MAX_16 = 0xffff;
const MAX_32 = 0xffff_ffff;

/** Extra fields: ZIP64 sizes and offsets, and Info-ZIP's time in seconds of UTC. */
const ZIP64_EXTRA = 0x0001;
const TIME_EXTRA = 0x5455;

/** The first and last times that a DOS time can say. */
const EARLIEST_MS = Date.UTC(1980, 0, 2);
const LATEST_MS = Date.UTC(2107, 11, 30);

/** Appends numbers, little-endian, to an array of bytes. */
class Bytes {
  readonly #view: DataView<ArrayBuffer>;
  #at = 0;

  constructor(length: number) {
    this.#view = new DataView(new ArrayBuffer(length));
  }

  u16(...values: number[]): this {
    for (const value of values) {
      this.#view.setUint16(this.#at, value, true);
      this.#at += 2;
    }
    return this;
  }

  u32(...values: number[]): this {
    for (const value of values) {
      this.#view.setUint32(this.#at, value, true);
      this.#at += 4;
    }
    return this;
  }

  u64(...values: number[]): this {
    for (const value of values) {
      this.#view.setBigUint64(this.#at, BigInt(value), true);
      this.#at += 8;
    }
    return this;
  }

  raw(bytes: Uint8Array): this {
    new Uint8Array(this.#view.buffer).set(bytes, this.#at);
    this.#at += bytes.length;
    return this;
  }

  /** Returns the appended bytes. */
  done(): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.#view.buffer, 0, this.#at);
  }
}

/** The record before an entry's content (section 4.3.7). */
export function localHeader(entry: ZipEntry): Uint8Array<ArrayBuffer> {
  const { name, size, crc } = entry;
  const large = size >= MAX_32;
  const followed = crc === undefined;
  const extra = new Bytes(40);
  // Unknown values are 0 (section 4.4.4); the extra field determines the width of the descriptor.
  const written = followed ? 0 : size;
  if (large) extra.u16(ZIP64_EXTRA, 16).u64(written, written);
  extra.raw(timeExtra(entry));
  const extras = extra.done();
  const shown = large ? MAX_32 : written;
  return new Bytes(30 + name.length + extras.length)
    .u32(LOCAL)
    .u16(large ? VERSION_ZIP64 : VERSION, UTF8 | (followed ? FOLLOWED : 0), 0)
    .u16(...dosTime(entry.mtimeMs))
    .u32(crc ?? 0, shown, shown)
    .u16(name.length, extras.length)
    .raw(name)
    .raw(extras)
    .done();
}

/** The record behind the content of an entry whose CRC was not known before (section 4.3.9). */
export function dataDescriptor(size: number, crc: number): Uint8Array<ArrayBuffer> {
  const bytes = new Bytes(24).u32(DESCRIPTOR, crc);
  return (size >= MAX_32 ? bytes.u64(size, size) : bytes.u32(size, size)).done();
}

/**
 * Encodes the record of an entry in the directory at the archive's end (section 4.3.12).
 *
 * @param crc CRC-32 of the content
 * @param offset start of its local header
 */
export function centralRecord(
  entry: ZipEntry,
  crc: number,
  offset: number,
): Uint8Array<ArrayBuffer> {
  const { name, size, directory } = entry;
  const large = size >= MAX_32;
  const far = offset >= MAX_32;
  const extra = new Bytes(40);
  if (large || far) {
    extra.u16(ZIP64_EXTRA, (large ? 16 : 0) + (far ? 8 : 0));
    if (large) extra.u64(size, size);
    if (far) extra.u64(offset);
  }
  const extras = extra.raw(timeExtra(entry)).done();
  const version = large || far ? VERSION_ZIP64 : VERSION;
  const mode = directory ? DIRECTORY_MODE : FILE_MODE;
  return new Bytes(46 + name.length + extras.length)
    .u32(CENTRAL)
    .u16(UNIX | VERSION_ZIP64, version, UTF8 | (entry.crc === undefined ? FOLLOWED : 0), 0)
    .u16(...dosTime(entry.mtimeMs))
    .u32(crc, large ? MAX_32 : size, large ? MAX_32 : size)
    .u16(name.length, extras.length, 0, 0, 0)
    .u32(mode * 0x10000 + (directory ? DOS_DIRECTORY : 0), far ? MAX_32 : offset)
    .raw(name)
    .raw(extras)
    .done();
}

/** The directory at the archive's end: how many records, where it begins, how long it is. */
export interface CentralDirectory {
  readonly count: number;
  readonly offset: number;
  readonly size: number;
}

/** The records that end an archive (sections 4.3.14 to 4.3.16). */
export function endRecords({ count, offset, size }: CentralDirectory): Uint8Array<ArrayBuffer> {
  const bytes = new Bytes(56 + 20 + 22);
  if (count >= MAX_16 || offset >= MAX_32 || size >= MAX_32) {
    bytes.u32(ZIP64_END).u64(44).u16(UNIX | VERSION_ZIP64, VERSION_ZIP64).u32(0, 0)
      .u64(count, count, size, offset);
    bytes.u32(ZIP64_LOCATOR, 0).u64(offset + size).u32(1);
  }
  const shown = Math.min(count, MAX_16);
  bytes.u32(END).u16(0, 0, shown, shown).u32(Math.min(size, MAX_32), Math.min(offset, MAX_32))
    .u16(0);
  return bytes.done();
}

/** Info-ZIP's extended timestamp, exact to the second in any time zone; empty beyond its range. */
function timeExtra({ mtimeMs }: ZipEntry): Uint8Array<ArrayBuffer> {
  const seconds = Math.floor(mtimeMs / 1000);
  if (seconds !== (seconds | 0)) return new Uint8Array(0);
  // 1: the modification time follows. A negative number is written as its two's complement.
  return new Bytes(9).u16(TIME_EXTRA, 5).raw(Uint8Array.of(1)).u32(seconds).done();
}

/** Time and date as DOS has them, in the server's time zone (section 4.4.6). */
function dosTime(mtimeMs: number): [time: number, date: number] {
  const at = new Date(Math.min(LATEST_MS, Math.max(EARLIEST_MS, mtimeMs)));
  const time = at.getHours() << 11 | at.getMinutes() << 5 | at.getSeconds() >> 1;
  const date = (at.getFullYear() - 1980) << 9 | (at.getMonth() + 1) << 5 | at.getDate();
  return [time, date];
}
