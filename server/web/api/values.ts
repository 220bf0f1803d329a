/** Values that requests give, held to what the table says of them. */
import { StoreError } from "../../../storage/contract/error.ts";
import { parseSignedDecimal } from "../../../common/decimal.ts";
import { jsonBoundsProblem } from "../../door/json_bounds.ts";
import type { WebContext } from "../env.ts";
import { WebError } from "../failure.ts";
import type { Field } from "./route.ts";

/** Most bytes of a JSON body. */
const MAX_JSON_BYTES = 64 * 1024;

/** A number of the query. */
export function integerIn(c: WebContext, name: string): number | undefined {
  const text = c.req.query(name);
  if (text === undefined) return undefined;
  const value = parseSignedDecimal(text);
  if (value !== undefined) return value;
  throw bad(`"${name}" is to be a whole number`);
}

/** Permission bits as `chmod` writes them; undefined where there are none. */
export function modeIn(text: string | undefined): number | undefined {
  if (text === undefined || text === "") return undefined;
  if (/^0?[0-7]{3}$/.test(text)) return parseInt(text, 8);
  throw bad('"mode" is to be three octal digits, as in 644');
}

/** Permission bits as four octal digits. */
export function octal(mode: number | undefined): string | undefined {
  return mode?.toString(8).padStart(4, "0");
}

/** A switch of the query: there without a value, or `true`. */
export function switchIn(c: WebContext, name: string): boolean {
  const text = c.req.query(name);
  if (text === undefined || text === "false") return false;
  if (text === "" || text === "true") return true;
  throw bad(`"${name}" is to be "true" or "false"`);
}

/** One of several values of the query. */
export function choiceIn<T extends string>(
  c: WebContext,
  name: string,
  choices: readonly T[],
): T | undefined {
  const text = c.req.query(name);
  if (text === undefined || choices.includes(text as T)) return text as T | undefined;
  throw bad(`"${name}" is to be one of ${choices.join(", ")}`);
}

/**
 * The JSON body of a request, its members checked.
 *
 * @throws {WebError} 400, 413, 415
 */
export async function bodyOf(
  c: WebContext,
  fields: Readonly<Record<string, Field>>,
): Promise<Record<string, unknown>> {
  if (!/^application\/json\s*(;|$)/i.test(c.req.header("content-type") ?? "")) {
    throw new WebError(415, "media-type", "The body is to be application/json");
  }
  const value = parse(await readSmall(c));
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw bad("The body is to be a JSON object");
  }
  const members = new Map(Object.entries(value));
  for (const name of members.keys()) {
    if (!Object.hasOwn(fields, name)) throw bad(`"${name}" is not known here`);
  }
  for (const [name, field] of Object.entries(fields)) check(name, field, members.get(name));
  return Object.fromEntries(members);
}

const IS: Readonly<Record<Field["type"], (value: unknown) => boolean>> = {
  string: (value) => typeof value === "string",
  integer: Number.isSafeInteger,
  boolean: (value) => typeof value === "boolean",
};

function check(name: string, { type, required, choices }: Field, value: unknown): void {
  if (value === undefined) {
    if (required) throw bad(`"${name}" is missing`);
    return;
  }
  if (!IS[type](value)) throw bad(`"${name}" is to be of the type ${type}`);
  if (choices && !choices.includes(value as string)) {
    throw bad(`"${name}" is to be one of ${choices.join(", ")}`);
  }
  if (typeof value === "string" && !value.isWellFormed()) throw bad(`"${name}" is no valid text`);
}

async function readSmall(c: WebContext): Promise<string> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const piece of c.req.raw.body ?? []) {
    length += piece.length;
    if (length > MAX_JSON_BYTES) {
      throw new WebError(413, "too-large", `A JSON body has at most ${MAX_JSON_BYTES} bytes`);
    }
    pieces.push(piece);
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  const problem = jsonBoundsProblem(bytes);
  if (problem !== undefined) throw bad(problem);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw bad("The body is no UTF-8");
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw bad("The body is no JSON");
  }
}

function bad(message: string): StoreError {
  return new StoreError("bad-request", message);
}
