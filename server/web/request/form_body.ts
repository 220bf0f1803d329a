/** Reads the body of a form without files. */
import type { WebContext } from "./env.ts";
import { WebError } from "./failure.ts";

/** Maximum size of a form without files, in bytes. */
const MAX_FORM_BYTES = 256 * 1024;

/**
 * The fields of a form, as often as it is asked for.
 *
 * @throws {WebError} `too-large` before it is read; `media-type` for what is no form
 */
export async function formOf(c: WebContext): Promise<FormData> {
  const length = Number(c.req.header("content-length") ?? Infinity);
  if (length > MAX_FORM_BYTES) {
    throw new WebError(413, "too-large", `A form has at most ${MAX_FORM_BYTES} bytes`);
  }
  try {
    return await c.req.formData();
  } catch (error) {
    // Deno throws it for other types of content, and for content that is not of its type.
    if (!(error instanceof TypeError)) throw error;
    throw new WebError(415, "media-type", "The request is not a form that can be read");
  }
}
