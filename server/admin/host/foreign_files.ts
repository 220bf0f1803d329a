/** Files and directories in a data directory that the server, its owner, may not be able to use. */
import { join } from "@std/path";
import { reasonOf } from "../../../common/os_reason.ts";
import type { Finding } from "../../../storage/tree/verify_account.ts";
import { PLACES } from "../../data/data_directory.ts";

import { type Owner, ownerOf } from "./ownership.ts";

/** A finding of an account, or of what belongs to none. */
export type AccountFinding = Omit<Finding, "kind"> & {
  kind: Finding["kind"] | "owner";
  username?: string;
};

/**
 * Lists entries outside of the accounts' directories that another user owns, or the owner may not
 * read.
 */
export function* foreignPlaces(data: string): Generator<AccountFinding> {
  const owner = ownerOf(data);
  if (owner === undefined) return;
  const { users } = PLACES;
  for (const one of foreignBelow(data, owner, (path) => path === join(data, users))) {
    yield { ...one, filename: one.filename.slice(data.length + 1) };
  }
  for (const letter of namesIn(join(data, users))) {
    const fault = faultOf(join(data, users, letter), owner);
    if (fault !== undefined) yield { ...fault, filename: join(users, letter) };
  }
}

/**
 * Lists such entries of an account's directory. Files of its tree are named by their path in it.
 */
export function* foreignFiles(data: string, username: string): Generator<AccountFinding> {
  const owner = ownerOf(data);
  const directory = join(data, PLACES.users, username[0]!, username);
  if (owner === undefined) return;
  const tree = join(directory, "files");
  for (const one of foreignBelow(directory, owner)) {
    const { filename } = one;
    const shown = filename.startsWith(`${tree}/`) ? filename.slice(tree.length) : filename;
    yield { ...one, username, filename: shown };
  }
}

function* foreignBelow(
  top: string,
  owner: Owner,
  isOther: (path: string) => boolean = () => false,
): Generator<AccountFinding> {
  const waiting = [top];
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
    const fault = faultOf(at, owner);
    if (fault !== undefined) yield fault;
    if (isOther(at)) continue;
    for (const name of namesIn(at)) waiting.push(join(at, name));
  }
}

/** Names in a directory; none where there is none, or none that can be read. */
function namesIn(path: string): string[] {
  try {
    if (!Deno.lstatSync(path).isDirectory) return [];
    return [...Deno.readDirSync(path)].map(({ name }) => name);
  } catch {
    return []; // verification itself reports unreadable directories of accounts
  }
}

function faultOf(path: string, owner: Owner): AccountFinding | undefined {
  try {
    const { uid, mode, isDirectory, isSymlink } = Deno.lstatSync(path);
    if (uid !== null && uid !== owner.uid) {
      const reason = `it belongs to user ${uid} and not to user ${owner.uid}: ` +
        `run chown ${owner.uid}:${owner.gid} on it`;
      return { kind: "owner", filename: path, reason };
    }
    // Root can read it all the same, and would not notice. People may close their own directories to
    // new files; the server must be able to write to all others.
    const needed = !isDirectory ? 0o400 : isOfTree(path) ? 0o500 : 0o700;
    if (!isSymlink && mode !== null && (mode & needed) !== needed) {
      const bits = (mode & 0o777).toString(8).padStart(3, "0");
      const remedy = `run chmod u+${isDirectory ? "rwx" : "r"} on it`;
      return { kind: "unreadable", filename: path, reason: `its mode is ${bits}: ${remedy}` };
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) {
      return { kind: "unreadable", filename: path, reason: reasonOf(error, null) };
    }
  }
  return undefined;
}

/** Whether a path is below the root of an account's tree. */
function isOfTree(path: string): boolean {
  return /\/users\/[^/]+\/[^/]+\/files\/./.test(path);
}
