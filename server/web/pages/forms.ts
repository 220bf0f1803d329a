/** Parses the forms of pages. */
import { parseWhen, WHEN_FORM } from "../../../common/expiry.ts";
import { parseSize } from "../../../common/size.ts";
import { StoreError } from "../../../storage/contract/error.ts";
import { passwordFault } from "../../../common/account_names.ts";
import { inField } from "./attempt.ts";

/** A field's text; empty where there is none. */
export function textIn(form: FormData, name: string): string {
  const value = form.get(name);
  return typeof value === "string" ? value : "";
}

/** A password that is to be one from now on. @throws where it cannot be one, at its field */
export function newPasswordIn(form: FormData, field: string): Promise<string> {
  const password = textIn(form, field);
  return inField(field, () => {
    const fault = passwordFault(password);
    if (fault === undefined) return password;
    throw new StoreError("bad-request", fault);
  });
}

/** A name for one file or directory. @throws {StoreError} `bad-name` for a path or nothing */
export function nameIn(form: FormData, field = "name"): string {
  const name = textIn(form, field);
  if (name === "") throw new StoreError("bad-name", "The name is empty");
  if (name.includes("/")) throw new StoreError("bad-name", "A name cannot contain a slash");
  // As a step of a path "." and ".." would be other directories.
  if (!/^\.+$/.test(name)) return name;
  throw new StoreError("bad-name", `The name "${name}" consists of dots only`);
}

/** A SIZE in bytes, also as pages show it (`500 MiB`); null for an empty field. @throws {StoreError} `bad-request` for another text */
export function bytesIn(form: FormData, field: string): number | null {
  const text = textIn(form, field).trim();
  if (text === "") return null;
  const bytes = parseSize(text.replace(/ ?([KMGT]?)iB$/i, "$1"));
  if (bytes !== undefined) return bytes;
  throw new StoreError("bad-request", "A size is a number of bytes, or such as 500M or 10G");
}

/**
 * When an account ends, ms since the epoch: a date or time in UTC, also as pages show it
 * (`2027-01-31 12:00`), or a duration from now; null for an empty field.
 *
 * @throws {StoreError} `bad-request` for another text
 */
export function endIn(form: FormData, field: string): number | null {
  const text = textIn(form, field).trim();
  if (text === "") return null;
  const shown = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d(:\d\d)?)$/.exec(text);
  const timeMs = parseWhen(shown === null ? text : `${shown[1]}T${shown[2]}Z`);
  if (timeMs !== undefined) return timeMs;
  throw new StoreError("bad-request", `The end must be ${WHEN_FORM}`);
}
