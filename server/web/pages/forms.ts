/** What forms of pages send. */
import { StoreError } from "../../../storage/contract/error.ts";
import type { WebContext } from "../env.ts";
import { assertSmall } from "../cross_site.ts";

/** The fields of a form, held to the bound of forms without files. */
export async function formOf(c: WebContext): Promise<FormData> {
  await assertSmall(c);
  return await c.req.formData();
}

/** A field's text; empty where there is none. */
export function textIn(form: FormData, name: string): string {
  const value = form.get(name);
  return typeof value === "string" ? value : "";
}

/** A name for one file or directory. @throws {StoreError} `bad-name` for a path or nothing */
export function nameIn(form: FormData, field = "name"): string {
  const name = textIn(form, field);
  if (name === "") throw new StoreError("bad-name", "The name is empty");
  if (!name.includes("/")) return name;
  throw new StoreError("bad-name", "A name cannot contain a slash");
}

/** Such as `10 G` in bytes: powers of 1000, as sizes are shown; null for nothing. */
export function bytesIn(form: FormData, field: string): number | null {
  const text = textIn(form, field).trim();
  if (text === "") return null;
  const match = /^(\d+(?:\.\d+)?)\s*([kmgtp]?)b?$/i.exec(text);
  const bytes = match === null
    ? NaN
    : Math.round(Number(match[1]) * 1000 ** " kmgtp".indexOf(match[2]!.toLowerCase() || " "));
  if (Number.isSafeInteger(bytes)) return bytes;
  throw new StoreError("bad-request", "A size is a number of bytes, or such as 500 MB or 10 GB");
}
