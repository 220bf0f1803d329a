/** Reads the body of a form without files. */
import type { WebContext } from "./env.ts";
import { WebError } from "./failure.ts";

/** Maximum size of a form without files, in bytes. */
const MAX_FORM_BYTES = 256 * 1024;
/**
 * Maximum number of fields. A form is parsed in one go: one that consists of the shortest fields
 * would keep all other clients waiting for a tenth of a second.
 */
const MAX_FIELDS = 10_000;
/** The same where each field is a part of its own (`multipart/form-data`), which takes longer. */
const MAX_PARTS = 500;

const AMPERSAND = 0x26;

/** Forms that were read, by their requests. */
const read = new WeakMap<Request, Promise<FormData>>();

/**
 * The fields of a form, as often as it is asked for.
 *
 * @throws {WebError} `too-large` before it is read, or for too many fields; `media-type` for what is
 * no form
 */
export function formOf(c: WebContext): Promise<FormData> {
  const form = read.get(c.req.raw) ?? readForm(c);
  read.set(c.req.raw, form);
  return form;
}

async function readForm(c: WebContext): Promise<FormData> {
  const length = Number(c.req.header("content-length") ?? Infinity);
  if (length > MAX_FORM_BYTES) throw tooLarge(`A form has at most ${MAX_FORM_BYTES} bytes`);
  const type = c.req.header("content-type") ?? "";
  const body = await c.req.arrayBuffer();
  if (hasTooMany(new Uint8Array(body), type)) throw tooLarge("The form has too many fields");
  try {
    return await new Response(body, { headers: { "content-type": type } }).formData();
  } catch (error) {
    // Deno throws it for other types of content, and for content that is not of its type.
    if (!(error instanceof TypeError)) throw error;
    throw new WebError(415, "media-type", "The request is not a form that can be read");
  }
}

function hasTooMany(bytes: Uint8Array, type: string): boolean {
  if (!/^multipart\//i.test(type)) {
    return bytes.reduce((count, byte) => byte === AMPERSAND ? count + 1 : count, 1) > MAX_FIELDS;
  }
  // Each part that is read has this line.
  const text = new TextDecoder("latin1").decode(bytes).toLowerCase();
  return text.split("content-disposition", MAX_PARTS + 2).length > MAX_PARTS + 1;
}

function tooLarge(message: string): WebError {
  return new WebError(413, "too-large", message);
}
