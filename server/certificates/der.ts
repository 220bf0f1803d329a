/**
 * Values of ASN.1 in DER (X.690), as far as certificates need them. Each function returns a whole
 * value: its tag, its length and its content.
 */

const TAG = { boolean: 1, integer: 2, bits: 3, octets: 4, oid: 6, utf8: 12 } as const;
const SEQUENCE = 0x30;
const SET = 0x31;
const UTC_TIME = 0x17;
const GENERALIZED_TIME = 0x18;
/** Class of the tags that depend on where they are. */
const CONTEXT = 0x80;
/** Of a value that is made of others. */
const CONSTRUCTED = 0x20;

const encoder = new TextEncoder();

/** A value that was read. */
export interface Element {
  readonly tag: number;
  readonly content: Uint8Array<ArrayBuffer>;
  /** All of it, with tag and length. */
  readonly whole: Uint8Array<ArrayBuffer>;
}

function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

function value(tag: number, ...parts: Uint8Array[]): Uint8Array<ArrayBuffer> {
  const content = joined(parts);
  const length: number[] = [];
  for (let rest = content.length; rest > 0; rest = Math.floor(rest / 256)) {
    length.unshift(rest % 256);
  }
  const head = content.length < 0x80 ? [content.length] : [0x80 | length.length, ...length];
  return joined([Uint8Array.of(tag, ...head), content]);
}

/** A sequence of values. */
export function sequence(...values: Uint8Array[]): Uint8Array<ArrayBuffer> {
  return value(SEQUENCE, ...values);
}

/** A set of one value. */
export function set(only: Uint8Array): Uint8Array<ArrayBuffer> {
  return value(SET, only);
}

/** True. False is a default in certificates, and left out. */
export function yes(): Uint8Array<ArrayBuffer> {
  return value(TAG.boolean, Uint8Array.of(0xff));
}

/** A number that is not negative, the highest byte first. */
export function integer(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const first = bytes.findIndex((byte) => byte !== 0);
  const shortest = first < 0 ? Uint8Array.of(0) : bytes.subarray(first);
  const sign = shortest[0]! >= 0x80 ? Uint8Array.of(0) : new Uint8Array();
  return value(TAG.integer, sign, shortest);
}

/** An identifier of an object, in its form with dots, such as `2.5.29.17`. */
export function oid(text: string): Uint8Array<ArrayBuffer> {
  const [first = 0, second = 0, ...others] = text.split(".").map(Number);
  const bytes = [first * 40 + second, ...others].flatMap((arc) => {
    const sevens = [arc & 0x7f];
    for (let rest = arc >>> 7; rest > 0; rest >>>= 7) sevens.unshift(0x80 | rest & 0x7f);
    return sevens;
  });
  return value(TAG.oid, Uint8Array.from(bytes));
}

/** Bytes. */
export function octets(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return value(TAG.octets, bytes);
}

/** A string of bits. @param unused number of bits at its end that do not belong to it */
export function bits(bytes: Uint8Array, unused = 0): Uint8Array<ArrayBuffer> {
  return value(TAG.bits, Uint8Array.of(unused), bytes);
}

/** Text. */
export function utf8(text: string): Uint8Array<ArrayBuffer> {
  return value(TAG.utf8, encoder.encode(text));
}

/** A time, to the second, in the form that certificates have for its year (RFC 5280, 4.1.2.5). */
export function time(date: Date): Uint8Array<ArrayBuffer> {
  const text = date.toISOString().replace(/\.\d+/, "").replaceAll(/[-:T]/g, "");
  const isShort = date.getUTCFullYear() >= 1950 && date.getUTCFullYear() < 2050;
  return value(
    isShort ? UTC_TIME : GENERALIZED_TIME,
    encoder.encode(isShort ? text.slice(2) : text),
  );
}

/** Values with a tag of their place around them. */
export function tagged(tag: number, ...values: Uint8Array[]): Uint8Array<ArrayBuffer> {
  return value(CONTEXT | CONSTRUCTED | tag, ...values);
}

/** Bytes with a tag of their place instead of their own. */
export function placed(tag: number, bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return value(CONTEXT | tag, bytes);
}

/** The values that a content consists of. @throws {Error} where it is no DER */
export function elements(content: Uint8Array<ArrayBuffer>): Element[] {
  const found: Element[] = [];
  for (let at = 0; at < content.length;) {
    let from = at + 2;
    let length = content[at + 1] ?? NaN;
    if (length >= 0x80) {
      const bytes = content.subarray(from, from += length & 0x7f);
      length = bytes.reduce((sum, byte) => sum * 256 + byte, 0);
    }
    if (!(from + length <= content.length)) throw new Error("The certificate is no DER");
    found.push({
      tag: content[at]!,
      content: content.subarray(from, from + length),
      whole: content.subarray(at, from + length),
    });
    at = from + length;
  }
  return found;
}
