/**
 * The head of an HTTP/1.1 request (RFC 9112). Parsed strictly: any ambiguity, by which a request
 * could be smuggled past a proxy, is refused (sections 2.2, 5.1, 6.3, 11.2).
 */

import { isHost, parseTarget } from "./target.ts";

/** Largest head, bytes: from the request line to the empty line, line ends included. */
export const MAX_HEAD_BYTES = 32 * 1024;
const MAX_FIELDS = 100;

/** Methods are case-sensitive (RFC 9110, section 9.1); these are the ones that routes have. */
export const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"] as const;
/** Method of a request. */
export type Method = (typeof METHODS)[number];

const REQUEST_LINE = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+) ([!-~]+) HTTP\/([0-9])\.([0-9])$/;
const FIELD_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
/** No control characters but tabs. */
const FIELD_VALUE = /^[\t -~\x80-\xff]*$/;

/** A request that HTTP itself forbids; the connection ends with the answer. */
export class HttpError extends Error {
  override readonly name = "HttpError";
  constructor(readonly status: number, message: string) {
    super(message);
  }
}

/** How the body of a request ends (RFC 9112, section 6). */
export type Framing = { kind: "none" } | { kind: "length"; bytes: number } | { kind: "chunked" };

/** Request line and header fields of a request. */
export interface RequestHead {
  readonly method: Method;
  /** Undefined for `OPTIONS *`, which asks about the server. */
  readonly url: string | undefined;
  readonly headers: Headers;
  readonly framing: Framing;
  /** The client waits for a word before it sends the body (RFC 9110, section 10.1.1). */
  readonly expectsContinue: boolean;
  /** The connection can serve another request after this one. */
  readonly keepAlive: boolean;
  /** Knows no chunked responses (RFC 9112, section 6.1). */
  readonly isHttp10: boolean;
}

/**
 * Reads a head.
 *
 * @param text its lines without the empty one, one character for each byte
 * @throws {HttpError}
 */
export function parseHead(text: string): RequestHead {
  const [first = "", ...lines] = text.split("\r\n");
  const match = REQUEST_LINE.exec(first);
  if (match === null) throw new HttpError(400, "The first line is no HTTP request");
  const [, method, target, major, minor] = match as unknown as string[];
  if (major !== "1") throw new HttpError(505, "This server speaks HTTP/1.1");
  if (lines.length > MAX_FIELDS) throw new HttpError(431, "There are too many header fields");
  const headers = readFields(lines);
  const isHttp10 = minor === "0";
  const url = urlOf(target!, method!, headers, isHttp10);
  const framing = framingOf(headers, isHttp10);
  if (!isMethod(method!)) throw new HttpError(501, "This method is not known here");
  // Without a length the end of the connection may be the end of its body (RFC 1945, section 7.2.2).
  if (isHttp10 && method === "PUT" && !headers.has("content-length")) {
    throw new HttpError(411, "PUT over HTTP/1.0 needs the header field Content-Length");
  }
  const expect = headers.get("expect")?.toLowerCase();
  if (expect !== undefined && expect !== "100-continue") {
    throw new HttpError(417, "The value of Expect is not supported");
  }
  const connection = (headers.get("connection") ?? "").toLowerCase().split(",").map(withoutBlanks);
  return {
    method,
    url,
    headers,
    framing,
    expectsContinue: expect !== undefined && !isHttp10,
    keepAlive: isHttp10 ? connection.includes("keep-alive") : !connection.includes("close"),
    isHttp10,
  };
}

function isMethod(text: string): text is Method {
  return (METHODS as readonly string[]).includes(text);
}

/** Reads header fields: no space before the colon, no folding, no control characters. */
function readFields(lines: readonly string[]): Headers {
  const headers = new Headers();
  const seen = new Set<string>();
  for (const line of lines) {
    const { name, value } = readField(line);
    if (SINGLE.has(name) && seen.has(name)) {
      throw new HttpError(400, `The header field "${name}" is there twice`);
    }
    seen.add(name);
    headers.append(name, value);
  }
  return headers;
}

/** Reads the line of one field; its name in lower case. @throws {HttpError} */
export function readField(line: string): { name: string; value: string } {
  const colon = line.indexOf(":");
  const name = line.slice(0, Math.max(0, colon)).toLowerCase();
  const value = line.slice(colon + 1);
  if (!FIELD_NAME.test(name) || !FIELD_VALUE.test(value)) {
    throw new HttpError(400, "A header field is malformed");
  }
  return { name, value: withoutBlanks(value) };
}

/** Takes spaces and tabs away at both ends, in time linear in the length. */
function withoutBlanks(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isBlank(text.charCodeAt(start))) start++;
  while (end > start && isBlank(text.charCodeAt(end - 1))) end--;
  return text.slice(start, end);
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09;
}

/** Fields that say how the request is to be read: two of them are two readings. */
const SINGLE = new Set([
  "authorization",
  "content-length",
  "content-range",
  "content-type",
  "expect",
  "host",
  "origin",
  "range",
  "transfer-encoding",
  "upload-length",
  "upload-offset",
]);

function urlOf(
  text: string,
  method: string,
  headers: Headers,
  isHttp10: boolean,
): string | undefined {
  const host = headers.get("host");
  if (host === null ? !isHttp10 : !isHost(host)) {
    throw new HttpError(400, 'The header field "host" is missing or malformed');
  }
  const target = parseTarget(text);
  if (target?.kind === "server" && method === "OPTIONS") return undefined;
  if (target?.kind !== "path") throw new HttpError(400, "The address asked for is no path");
  const { path, authority } = target;
  if (authority !== undefined && host !== null && !isSameHost(authority, host)) {
    throw new HttpError(400, 'The address and the header field "host" name two hosts');
  }
  return `https://${host ?? authority ?? "localhost"}${path}`;
}

function isSameHost(a: string, b: string): boolean {
  const plain = (host: string) => host.toLowerCase().replace(/:443$/, "");
  return plain(a) === plain(b);
}

function framingOf(headers: Headers, isHttp10: boolean): Framing {
  const encoding = headers.get("transfer-encoding");
  const length = headers.get("content-length");
  if (encoding !== null) {
    if (length !== null || isHttp10) {
      throw new HttpError(400, "The length of the body is ambiguous");
    }
    if (encoding.toLowerCase() === "chunked") return { kind: "chunked" };
    throw new HttpError(501, 'The only transfer coding here is "chunked"');
  }
  if (length === null) return { kind: "none" };
  const bytes = /^[0-9]{1,16}$/.test(length) ? Number(length) : NaN;
  if (!Number.isSafeInteger(bytes)) throw new HttpError(400, "The length of the body is no number");
  return bytes === 0 ? { kind: "none" } : { kind: "length", bytes };
}
