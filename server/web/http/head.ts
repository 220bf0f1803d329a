/**
 * The head of an HTTP/1.1 request (RFC 9112). Read strictly: whatever could be understood in two
 * ways, and so smuggle a request past somebody else, is refused (sections 2.2, 5.1, 6.3, 11.2).
 */

/** Most bytes of a head, and most of its lines. */
export const MOST_HEAD_BYTES = 32 * 1024;
const MOST_HEADERS = 100;

const REQUEST_LINE = /^([!#$%&'*+.^_`|~0-9A-Za-z-]{1,32}) ([!-~]+) HTTP\/([0-9])\.([0-9])$/;
/** Field name, no space before the colon, no control characters in the value. */
const FIELD =
  /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*((?:[!-~\x80-\xff](?:[ \t!-~\x80-\xff]*[!-~\x80-\xff])?)?)[ \t]*$/;
const HOST = /^(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?$/;

/** A request that HTTP itself forbids; the connection ends with the answer. */
export class HttpError extends Error {
  override readonly name = "HttpError";
  constructor(readonly status: number, message: string) {
    super(message);
  }
}

/** How the body of a request ends (RFC 9112, section 6). */
export type Framing = { kind: "none" } | { kind: "length"; bytes: number } | { kind: "chunked" };

/** See the head of the module. */
export interface RequestHead {
  readonly method: string;
  readonly url: string;
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
  if (lines.length > MOST_HEADERS) throw new HttpError(431, "There are too many header fields");
  const headers = new Headers();
  const seen = new Set<string>();
  for (const line of lines) {
    const field = FIELD.exec(line);
    if (field === null) throw new HttpError(400, "A header field is malformed");
    const name = field[1]!.toLowerCase();
    if (SINGLE.has(name) && seen.has(name)) {
      throw new HttpError(400, `The header field "${name}" stands twice`);
    }
    seen.add(name);
    headers.append(name, field[2]!);
  }
  const isHttp10 = minor === "0";
  const expect = headers.get("expect")?.toLowerCase();
  if (expect !== undefined && expect !== "100-continue") {
    throw new HttpError(417, "What is expected here is not known");
  }
  const connection = (headers.get("connection") ?? "").toLowerCase().split(/[ \t]*,[ \t]*/);
  return {
    method: method!,
    url: urlOf(target!, headers, isHttp10),
    headers,
    framing: framingOf(headers, isHttp10),
    expectsContinue: expect !== undefined && !isHttp10,
    keepAlive: isHttp10 ? connection.includes("keep-alive") : !connection.includes("close"),
    isHttp10,
  };
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

function urlOf(target: string, headers: Headers, isHttp10: boolean): string {
  const host = headers.get("host");
  if (host === null ? !isHttp10 : !HOST.test(host)) {
    throw new HttpError(400, 'The header field "host" is missing or malformed');
  }
  const absolute = /^https:\/\/[^/?#]+(\/.*)?$/i.exec(target);
  const path = absolute ? absolute[1] ?? "/" : target;
  if (!path.startsWith("/") || path.includes("#")) {
    throw new HttpError(400, "The address asked for is no path");
  }
  return `https://${host ?? "localhost"}${path}`;
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
