/** `If-Match` and `If-None-Match` of what changes a file (RFC 9110, section 13). */
import type { IfExists } from "../../../storage/catalog.ts";
import { isStoreError } from "../../../storage/error.ts";
import type { View } from "../../../storage/vault.ts";
import type { WebContext } from "../env.ts";
import { WebError } from "../failure.ts";

/** What is demanded of the file that is there when the new content takes its place. */
export interface Preconditions {
  readonly ifExists?: IfExists;
  /** The only content that may be replaced. */
  readonly ifHash?: string;
}

/** @throws {WebError} 412 where they do not hold now; storage holds them to the end */
export async function preconditionsOf(
  c: WebContext,
  view: View,
  path: string,
): Promise<Preconditions> {
  const ifMatch = c.req.header("if-match");
  const ifNoneMatch = c.req.header("if-none-match");
  if (ifMatch === undefined && ifNoneMatch === undefined) return {};
  if (ifMatch === undefined && ifNoneMatch!.trim() === "*") return { ifExists: "fail" };
  const hash = await hashAt(view, path);
  if (ifMatch !== undefined) {
    if (hash === undefined || !names(ifMatch, hash)) {
      throw unmet(`"${path}" is not as "If-Match" says`);
    }
    return { ifExists: "overwrite", ifHash: hash };
  }
  if (hash !== undefined && names(ifNoneMatch!, hash)) {
    throw unmet(`"${path}" is as "If-None-Match" says`);
  }
  return {};
}

function names(list: string, hash: string): boolean {
  return list.trim() === "*" || list.split(",").some((tag) => tag.trim() === `"${hash}"`);
}

async function hashAt(view: View, path: string): Promise<string | undefined> {
  try {
    return (await view.checksum(path)).hash;
  } catch (error) {
    if (isStoreError(error, "not-found")) return undefined;
    throw error;
  }
}

function unmet(message: string): WebError {
  return new WebError(412, "precondition", message);
}
