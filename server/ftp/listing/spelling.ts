/** Unicode forms of names: clients on a Mac write decomposed ones, and look for them in listings. */
import type { FileInfo } from "../../../storage/tree/seen_tree.ts";

/** The path of what a client writes in a directory, each name in the form that it is written in. */
export function spelledPath(directory: string, text: string): string {
  const names: string[] = [];
  for (const name of (text.startsWith("/") ? text : `${directory}/${text}`).split("/")) {
    if (name === "..") names.pop();
    else if (name !== "" && name !== ".") names.push(name);
  }
  return `/${names.join("/")}`;
}

/** How a client spells a path; undefined for one that has a single form. */
export function spellingIn({ cwd }: { cwd: string }, text: string): string | undefined {
  const path = spelledPath(cwd, text);
  return /^[ -~]*$/.test(path) ? undefined : path;
}

/** The name of an entry as it was spelled when it was made, behind the directories before it. */
export function spelledName({ name, spelling }: FileInfo): string {
  return spelling === undefined ? name : name.slice(0, name.lastIndexOf("/") + 1) + spelling;
}
