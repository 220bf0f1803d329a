/** Values that requests give, checked against the schemas of the table. */
import { concat } from "@std/bytes";
import * as v from "valibot";
import { StoreError } from "../../../storage/contract/error.ts";
import { jsonBoundsProblem } from "../../door/json_bounds.ts";
import type { WebContext } from "../request/env.ts";
import { WebError } from "../request/failure.ts";
import { type BodySchema, MODE, MODE_MESSAGE, type QuerySchema } from "./schemas.ts";

/** Maximum size of a JSON body, bytes. */
const MAX_JSON_BYTES = 64 * 1024;

/**
 * Permission bits as `chmod` writes them; undefined for none.
 *
 * @throws {StoreError} `bad-request`
 */
export function modeIn(text: string | undefined): number | undefined {
  if (text === undefined || text === "") return undefined;
  if (MODE.test(text)) return parseInt(text, 8);
  throw bad(`"mode" ${MODE_MESSAGE}`);
}

/** Permission bits as four octal digits. */
export function octal(mode: number | undefined): string | undefined {
  return mode?.toString(8).padStart(4, "0");
}

/**
 * The values of a request's address that a schema names.
 *
 * @throws {StoreError} `bad-request`
 */
export function queryOf<S extends QuerySchema>(c: WebContext, schema: S): v.InferOutput<S> {
  const given: Record<string, string> = {};
  for (const name in schema.entries) {
    const value = c.req.query(name);
    if (value !== undefined) given[name] = value;
  }
  return checked(schema, given);
}

/**
 * The JSON body of a request.
 *
 * @throws {StoreError} `bad-request`
 * @throws {WebError} 413, 415
 */
export async function bodyOf<S extends BodySchema>(
  c: WebContext,
  schema: S,
): Promise<v.InferOutput<S>> {
  if (!/^application\/json\s*(;|$)/i.test(c.req.header("content-type") ?? "")) {
    throw new WebError(415, "media-type", "The body must be application/json");
  }
  const value = parse(await readSmall(c));
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw bad("The body must be a JSON object");
  }
  return checked(schema, value);
}

function checked<S extends QuerySchema | BodySchema>(schema: S, value: unknown): v.InferOutput<S> {
  const result = v.safeParse(schema, value, { abortEarly: true });
  if (result.success) return result.output;
  const { path: [at], expected, message } = result.issues[0] as
    & { path: [v.ObjectPathItem] }
    & v.BaseIssue<unknown>;
  const inside = at.origin === "value";
  throw bad(
    `"${at.key}" ${inside ? message : expected === "never" ? "is not known here" : "is missing"}`,
  );
}

async function readSmall(c: WebContext): Promise<string> {
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  let length = 0;
  for await (const piece of c.req.raw.body ?? []) {
    length += piece.length;
    if (length > MAX_JSON_BYTES) {
      throw new WebError(413, "too-large", `A JSON body has at most ${MAX_JSON_BYTES} bytes`);
    }
    pieces.push(piece);
  }
  const bytes = concat(pieces);
  const problem = jsonBoundsProblem(bytes);
  if (problem !== undefined) throw bad(problem);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw bad("The body is not UTF-8");
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw bad("The body is not JSON");
  }
}

function bad(message: string): StoreError {
  return new StoreError("bad-request", message);
}
