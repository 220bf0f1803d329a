/** Authorities of servers that keep their data in the directory in which the client runs. */
import { join } from "node:path";
import { mayRead, mayUseAll } from "../common/environment.ts";
import { userDirectory } from "../local/local_path.ts";

/** A file of authorities is smaller; a larger one is none. */
const MAX_PEM_BYTES = 64 * 1024;
const WRITABLE_BY_OTHERS = 0o022;

/**
 * Reads `data/tls/ca.pem` in the user's directory and in the one that the program runs in: a task
 * runs in the project's directory, whose server keeps its data there by default. A file is read
 * only if it belongs to this user or to root and no other user may write to it: another owner
 * could run a server on this machine that takes passwords.
 *
 * @returns texts of PEM
 */
export function ownAuthorities(): string[] {
  const found: string[] = [];
  for (const directory of new Set([userDirectory, Deno.cwd])) {
    try {
      const pem = readOwn(join(directory(), "data", "tls", "ca.pem"));
      if (pem !== undefined && !found.includes(pem)) found.push(pem);
    } catch {
      // There is none here.
    }
  }
  return found;
}

function readOwn(path: string): string | undefined {
  // A pipe of another user would hold the client up when it is opened.
  if (!mayRead(path) || !Deno.statSync(path).isFile) return undefined;
  using file = Deno.openSync(path);
  const { uid, mode, size } = file.statSync();
  if (size > MAX_PEM_BYTES || ((mode ?? 0) & WRITABLE_BY_OTHERS) !== 0) return undefined;
  // Windows has no numeric owners.
  if (uid !== null && uid !== 0 && uid !== ownUid()) return undefined;
  const bytes = new Uint8Array(size);
  return new TextDecoder().decode(bytes.subarray(0, file.readSync(bytes) ?? 0));
}

/**
 * The user's number, which `Deno.uid()` returns only with a permission of its own. A new file
 * belongs to the user that makes it. Undefined where the program may not write everywhere.
 */
function ownUid(): number | undefined {
  if (!mayUseAll()) return undefined;
  const path = Deno.makeTempFileSync({ prefix: "towpath-" });
  try {
    return Deno.lstatSync(path).uid ?? undefined;
  } finally {
    Deno.removeSync(path);
  }
}
