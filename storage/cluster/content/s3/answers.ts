/** Replies of S3-compatible servers: their XML is bounded before it is read. */
import { printable } from "../../../../common/printable.ts";
import type { ObjectInfo } from "../content_store.ts";
import type { Answer } from "./exchange.ts";
import { Refusal, UnusableReply } from "./failures.ts";

/** One page of a listing. */
export interface ListedPage {
  readonly objects: ObjectInfo[];
  /** Whether more objects follow. */
  readonly isCut: boolean;
}

/** Largest body of a reply, bytes: a page of 1,000 keys of 1,024 characters fits. */
export const MAX_REPLY_BYTES = 8 * 1024 * 1024;
/** Most characters of a server's message in one of ours. */
const MAX_DETAIL = 200;
/** Longest pause that a server may ask for, ms. */
const MAX_RETRY_AFTER_MS = 10_000;

/** The error for a reply with another status than those expected. */
export function refusalOf(
  { status, header, body }: Pick<Answer, "status" | "header" | "body">,
): Error {
  if (status >= 300 && status < 400) {
    const to = printable(header("location") ?? "another address").slice(0, MAX_DETAIL);
    return new UnusableReply(`it redirects to ${to}`);
  }
  const text = new TextDecoder().decode(body.subarray(0, 65_536));
  const seconds = Number(header("retry-after") ?? NaN);
  const retryAfterMs = seconds >= 0 ? Math.min(seconds * 1000, MAX_RETRY_AFTER_MS) : undefined;
  const code = /<Code>([A-Za-z0-9.]{1,64})<\/Code>/.exec(text)?.[1] ?? "";
  const message = /<Message>([^<]{0,2000})<\/Message>/.exec(text)?.[1] ?? "";
  const detail = printable(unescapeXml(message)).slice(0, MAX_DETAIL);
  return new Refusal(status, code, detail, retryAfterMs);
}

/** Reads a page of ListObjectsV2 whose keys are URL-encoded. @throws {UnusableReply} */
export function parseListing(body: Uint8Array): ListedPage {
  const text = new TextDecoder().decode(body);
  if (!/<ListBucketResult[\s>]/.test(text) || !text.includes("</ListBucketResult>")) {
    throw new UnusableReply("its listing is not one of S3");
  }
  const objects = text.split("<Contents>").slice(1).map((row): ObjectInfo => {
    const key = decode(element(row, "Key"));
    const size = Number(element(row, "Size") || NaN);
    const changedMs = Date.parse(element(row, "LastModified"));
    if (key === "" || !Number.isSafeInteger(size) || Number.isNaN(changedMs)) {
      throw new UnusableReply("its listing has an object without key, size or time");
    }
    return { key, size, changedMs };
  });
  // The page's own elements come before and behind its objects, whose keys cannot contain them.
  const around = text.slice(0, text.indexOf("<Contents>") >>> 0) +
    text.slice(text.lastIndexOf("</Contents>") + 1);
  const isCut = element(around, "IsTruncated") === "true";
  if (isCut && objects.length === 0) {
    throw new UnusableReply("its listing is cut without an object");
  }
  return { objects, isCut };
}

/** The keys that a deletion of several objects reports as not deleted, with the first error's code. */
export function parseDeletion(body: Uint8Array): { failed: string[]; code: string } {
  const text = new TextDecoder().decode(body);
  if (!/<DeleteResult[\s>/]/.test(text)) {
    throw new UnusableReply("its reply is no result of a deletion");
  }
  const errors = text.split("<Error>").slice(1);
  return {
    failed: errors.map((error) => unescapeXml(element(error, "Key"))),
    code: errors[0] === undefined ? "" : element(errors[0], "Code"),
  };
}

/** The text of the first element of a name; empty where there is none. */
function element(text: string, name: string): string {
  const start = text.indexOf(`<${name}>`);
  const end = text.indexOf(`</${name}>`, start);
  return start < 0 || end < 0 ? "" : text.slice(start + name.length + 2, end);
}

function decode(key: string): string {
  try {
    return decodeURIComponent(unescapeXml(key).replaceAll("+", "%20"));
  } catch {
    throw new UnusableReply("its listing has a key that is not URL-encoded");
  }
}

const ENTITIES: Readonly<Record<string, string>> = {
  amp: "&",
  lt: "<",
  gt: ">",
  quot: '"',
  apos: "'",
};

function unescapeXml(text: string): string {
  return text.replace(
    /&(?:#x([0-9a-f]{1,6})|#([0-9]{1,7})|([a-z]{2,4}));/gi,
    (all, hex, digits, name) => {
      if (name !== undefined) return ENTITIES[name] ?? all;
      const code = hex === undefined ? Number(digits) : parseInt(hex, 16);
      return code <= 0x10ffff ? String.fromCodePoint(code) : all;
    },
  );
}
