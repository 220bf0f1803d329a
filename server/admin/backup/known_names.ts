/** Names that a backup may hold. */
import { PLACES } from "../../data/data_directory.ts";
import { failure } from "../../options/error.ts";
import { MANIFEST, OWN_FILES } from "./contents.ts";

const ACCOUNT_FILE = /^users\/[^/]+\/[^/]+\/files(\/|$)/;

/** Nothing of a backup is put anywhere else. @throws {ExitError} */
export function assertKnown(name: string): void {
  const known = name === PLACES.catalog || name === MANIFEST || OWN_FILES.includes(name) ||
    name === PLACES.tls || ACCOUNT_FILE.test(name);
  if (known && !name.split("/").some((part) => part === "" || part === "." || part === "..")) {
    return;
  }
  throw failure(`It is no backup of this program: it holds ${JSON.stringify(name)}`);
}
