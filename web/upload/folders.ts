/** Folders without a file: no upload makes them on its way. */
import { hrefOut } from "../common/base_path.ts";
import { ownHeaders } from "../common/dom.ts";

/** Creates folders in a directory, with their parents. @returns number of folders that failed */
export async function makeFolders(directory: string, folders: string[]): Promise<number> {
  let failed = 0;
  for (const name of folders) {
    const reply = await fetch(hrefOut("/actions/mkdir"), {
      method: "POST",
      headers: ownHeaders(),
      body: new URLSearchParams({ directory, name, parents: "yes" }),
      redirect: "manual", // its target is a page
    }).catch(() => undefined);
    if (reply?.type !== "opaqueredirect") failed++;
  }
  return failed;
}
