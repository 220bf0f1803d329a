/** Folders without a file: no upload makes them on its way. */
import { ownHeaders } from "../dom.ts";

/** Makes folders in a directory, with those above them. @returns how many could not be made */
export async function makeFolders(directory: string, folders: string[]): Promise<number> {
  let failed = 0;
  for (const name of folders) {
    const reply = await fetch("/actions/mkdir", {
      method: "POST",
      headers: ownHeaders(),
      body: new URLSearchParams({ directory, name, parents: "yes" }),
      redirect: "manual", // what it leads to is a page
    }).catch(() => undefined);
    if (reply?.type !== "opaqueredirect") failed++;
  }
  return failed;
}
