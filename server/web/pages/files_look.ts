/** Content and order of the page of a directory. */
import type { VirtualPath } from "../../../storage/contract/path.ts";
import type { BrowsePage, Sort } from "../../../storage/tree/browse.ts";
import type { View } from "../../../storage/vault.ts";
import { hrefOf, withQuery } from "../ui/href.ts";
import type { Refusal } from "../ui/entry.ts";
import type { WebSession } from "../request/web_session.ts";

/** View options of the page. */
export interface FilesLook {
  readonly sort: Sort;
  readonly descending: boolean;
  readonly filter: string;
}

/** Properties of the page. */
export interface FilesProps {
  readonly session: WebSession;
  readonly listing: BrowsePage;
  readonly look: FilesLook;
  /** Permissions for the content of the directory. */
  readonly letters: string;
  /** The rule that denies uploads. */
  readonly unwritable?: string | undefined;
  /** Paths that have public links. */
  readonly linked: ReadonlySet<VirtualPath>;
  /** Name of the entry that has the focus. */
  readonly at?: string | undefined;
  readonly usage: Awaited<ReturnType<View["account"]["usage"]>>;
  readonly toast?: string | undefined;
  /** A form of the page that was refused. */
  readonly refusal?: Refusal | undefined;
}

/** Name of the form of the list, which leads to several addresses. */
export const LIST_FORM = "list";

/** Parameters of the page's address that lead back to the same part of the list. */
const KEPT = ["sort", "order", "filter", "cursor"];

/**
 * Address of the directory as it was shown, with the focus on one entry.
 *
 * @param search query of the address then
 */
export function addressOfEntry(path: VirtualPath, search: string, name: string): string {
  const before = new URLSearchParams(search);
  const kept = KEPT.map((key) => [key, before.get(key) ?? undefined]);
  return withQuery(hrefOf("files", path), { ...Object.fromEntries(kept), at: name });
}

/** Address of the directory without a filter, in the same order. */
export function showAll(path: VirtualPath, { sort, descending }: FilesLook): string {
  return withQuery(hrefOf("files", path), {
    sort: sort === "name" ? undefined : sort,
    order: descending ? "desc" : undefined,
  });
}
