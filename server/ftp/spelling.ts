/** Unicode forms of names: clients on a Mac write decomposed ones, and look for them in listings. */
import type { FileInfo } from "../../storage/seen_tree.ts";

/** The last name of a path as the client writes it; undefined for one that has a single form. */
export function spellingIn(text: string): string | undefined {
  if (/^[ -~]*$/.test(text)) return undefined;
  return text.split("/").findLast((segment) => segment !== "") ?? "";
}

/** The name of an entry as it was spelled when it was made, behind the directories before it. */
export function spelledName({ name, spelling }: FileInfo): string {
  return spelling === undefined ? name : name.slice(0, name.lastIndexOf("/") + 1) + spelling;
}
