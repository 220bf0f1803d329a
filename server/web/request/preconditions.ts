/** Conditional requests (RFC 9110, section 13): evaluated here for every method. */
import type { Condition, Current } from "../../../storage/contract/condition.ts";
import { StoreError } from "../../../storage/contract/error.ts";
import { WebError } from "./failure.ts";
import { parseHttpDate } from "../http/http_date.ts";

const UNMET = "The file is not in the state that the request demands";

/** A representation's validators; both are absent for one that has none, such as a listing. */
export interface Validators {
  /** SHA-256 in hex: the strong entity tag without its quotes. */
  readonly hash?: string;
  readonly mtimeMs?: number;
}

/** An entity tag as a field lists it (RFC 9110, section 8.8.3). */
interface EntityTag {
  readonly weak: boolean;
  readonly opaque: string;
}

const ENTITY_TAG = /^(W\/)?"([\x21\x23-\x7e\x80-\xff]*)"$/;

/**
 * The entity tags of a field; a member that is none is passed over, and names nothing.
 *
 * @returns `*` for a field that has that value alone
 */
export function entityTagsIn(field: string): "*" | EntityTag[] {
  if (field.trim() === "*") return "*";
  const tags: EntityTag[] = [];
  for (const member of membersOf(field)) {
    const [, weak, opaque] = ENTITY_TAG.exec(member) ?? [];
    if (opaque !== undefined) tags.push({ weak: weak !== undefined, opaque });
  }
  return tags;
}

/** Members of a list, which commas separate outside of quotes. */
function membersOf(field: string): string[] {
  const members: string[] = [];
  let quoted = false;
  let from = 0;
  for (let at = 0; at <= field.length; at++) {
    if (field[at] === '"') quoted = !quoted;
    if (at < field.length && (quoted || field[at] !== ",")) continue;
    members.push(field.slice(from, at).trim());
    from = at + 1;
  }
  return members;
}

/** Modification times have whole seconds in HTTP. */
function secondOf(ms: number): number {
  return Math.floor(ms / 1000) * 1000;
}

/** A field's date; undefined where it is absent or invalid, which has it ignored. */
function dateIn(headers: Headers, name: string): number | undefined {
  const text = headers.get(name);
  return text === null ? undefined : parseHttpDate(text);
}

/**
 * Evaluates a request's preconditions in the order of section 13.2.2.
 *
 * @param current undefined where there is no current representation
 * @returns 304 or 412 where the method is not to be performed
 */
export function evaluate(
  method: string,
  headers: Headers,
  current: Validators | undefined,
): 304 | 412 | undefined {
  const reads = method === "GET" || method === "HEAD";
  const mtimeMs = current?.mtimeMs;
  const ifMatch = headers.get("if-match");
  if (ifMatch !== null) {
    if (!names(ifMatch, current, "strong")) return 412;
  } else {
    const since = dateIn(headers, "if-unmodified-since");
    if (since !== undefined && mtimeMs !== undefined && secondOf(mtimeMs) > since) return 412;
  }
  const ifNoneMatch = headers.get("if-none-match");
  if (ifNoneMatch !== null) {
    if (names(ifNoneMatch, current, "weak")) return reads ? 304 : 412;
  } else if (reads) {
    const since = dateIn(headers, "if-modified-since");
    if (since !== undefined && mtimeMs !== undefined && secondOf(mtimeMs) <= since) return 304;
  }
  return undefined;
}

/** 412: the method was not performed. */
export function preconditionFailed(headers: Readonly<Record<string, string>> = {}): WebError {
  return new WebError(412, "precondition", UNMET, headers);
}

/** Whether a list of entity tags names the current representation. */
function names(
  field: string,
  current: Validators | undefined,
  comparison: "strong" | "weak",
): boolean {
  if (current === undefined) return false;
  const tags = entityTagsIn(field);
  if (tags === "*") return true;
  return current.hash !== undefined &&
    tags.some(({ weak, opaque }) => opaque === current.hash && !(weak && comparison === "strong"));
}

/**
 * Whether a range may be sent (`If-Range`, section 13.1.5). A date never validates: contents that
 * replace each other may carry one modification time, as clients set it.
 */
export function ifRangeHolds(headers: Headers, hash: string): boolean {
  const field = headers.get("if-range");
  return field === null || field.trim() === `"${hash}"`;
}

/** Whether a request is to be carried out only where there is nothing yet. */
export function demandsFreeName({ headers }: Request): boolean {
  return headers.get("if-none-match")?.trim() === "*";
}

/** The fields that a method other than GET and HEAD depends on. */
const CONDITIONS = ["if-match", "if-none-match", "if-unmodified-since"] as const;

/**
 * The condition under which a request may change a file, for the vault to check at the moment of
 * the change; undefined where it depends on nothing.
 */
export function conditionOf({ method, headers }: Request): Condition | undefined {
  if (!CONDITIONS.some((name) => headers.has(name))) return undefined;
  const ifMatch = headers.get("if-match");
  const date = ifMatch === null ? dateIn(headers, "if-unmodified-since") : undefined;
  return {
    // The check applies to the content that was found, even if other content later has the same
    // time.
    pins: date !== undefined || ifMatch !== null && ifMatch.trim() !== "*",
    check(current) {
      if (evaluate(method, headers, validatorsOf(current)) === undefined) return;
      throw new StoreError("changed", UNMET);
    },
  };
}

function validatorsOf(current: Current): Validators | undefined {
  if (current === undefined) return undefined;
  if (current.type === "directory") return {};
  return { hash: current.hash, mtimeMs: current.mtimeMs };
}
