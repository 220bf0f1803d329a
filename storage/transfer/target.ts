/**
 * The target of an upload or copy: its parent, its present entry, and files of the same content.
 */
import { currentAt } from "../common/looks.ts";
import type { Access, Place } from "../access/access.ts";
import type { IfExists } from "../contract/catalog.ts";
import type { Condition } from "../contract/condition.ts";
import { isStoreError, noDirectory, StoreError } from "../contract/error.ts";
import { assertDepth, childOf, parentOf, type VirtualPath } from "../contract/path.ts";
import type { UploadRecord } from "../contract/upload_record.ts";
import type { VaultCore } from "../core/vault_core.ts";
import { familyOf } from "../common/version_family.ts";

/** Checks the parent (and makes it), refuses directories; whether the name is taken by a file. */
export async function prepareTarget(
  core: VaultCore,
  access: Access,
  place: Place,
  makeDirectories: boolean,
): Promise<boolean> {
  const entry = await core.tree.stat(place.owner, place.path);
  if (entry?.type === "file") return true;
  if (entry?.type === "directory") {
    throw new StoreError("is-directory", `"${place.shown}" is a directory`);
  }
  const parent = parentOf(place.path);
  const above = await core.tree.stat(place.owner, parent);
  if (above === undefined) {
    if (!makeDirectories) throw noDirectory(parentOf(place.shown));
    await makeParents(core, access, place);
  } else if (above.type === "file") {
    throw new StoreError("not-directory", `"${parentOf(place.shown)}" is a file`);
  }
  return false;
}

/**
 * Creates the missing directories above a place; needs the permission c if there are any.
 *
 * @throws {StoreError} `bad-name` where there would be more than 256: none is made
 */
export async function makeParents(core: VaultCore, access: Access, place: Place): Promise<void> {
  assertDepth(parentOf(place.path), place.shown);
  const missing: VirtualPath[] = [];
  let { path, shown } = above(place);
  while (await core.tree.stat(place.owner, path) === undefined) {
    await access.place(shown, "c"); // each: what is shared may itself be missing
    missing.unshift(path);
    ({ path, shown } = above({ path, shown }));
  }
  for (const directory of missing) {
    await core.tree.makeDirectory(place.owner, directory, undefined, place.account).catch(
      (error) => {
        if (!isStoreError(error, "exists")) throw error; // made by another session meanwhile
      },
    );
  }
}

/** Makes sure that the parent is there, for uploads of which many go to one directory. */
export function ensureParent(
  core: VaultCore,
  access: Access,
  place: Place,
): Promise<void> | undefined {
  const parent = parentOf(place.path);
  if (!core.sawDirectory(place.owner, parent)) return makeParent(core, access, place, parent);
}

async function makeParent(
  core: VaultCore,
  access: Access,
  place: Place,
  parent: VirtualPath,
): Promise<void> {
  const entry = await core.tree.stat(place.owner, parent);
  if (entry?.type === "file") {
    throw new StoreError("not-directory", `"${parentOf(place.shown)}" is a file`);
  }
  if (entry === undefined) await makeParents(core, access, place);
  core.noteDirectory(place.owner, parent);
}

/** Whether an upload gets another name if its name exists. */
export function makesVersions(ifExists: IfExists): boolean {
  return ifExists === "version" || ifExists === "skip";
}

/** Throws where an upload would take names beside the one that is shared. */
export async function checkVersions(
  access: Access,
  place: Place,
  ifExists: IfExists,
): Promise<void> {
  if (!makesVersions(ifExists) || await access.versionsAllowed(place)) return;
  throw new StoreError(
    "denied",
    `"${place.shown}" exists, and its versions are not shared: it can be overwritten only`,
  );
}

/** Throws where an upload that has come to its end may not get its name any more. */
export function checkEnd(
  access: Access,
  place: Place,
  ifExists: IfExists,
): Promise<void> | void {
  const allowed = access.stillAllowed(place, "w");
  if (place.shares === undefined) return allowed;
  return Promise.resolve(allowed).then(() => checkVersions(access, place, ifExists));
}

/** Checks a condition on a place. @returns the content to pin the upload to, see `appendsTo` */
export async function checkCondition(
  core: VaultCore,
  access: Access,
  place: Place,
  condition: Condition | undefined,
): Promise<string | null> {
  if (condition === undefined) return null;
  await access.place(place.shown, "r"); // the answer says what is there
  const current = await currentAt(core.tree, place.owner, place.path);
  condition.check(current);
  if (!condition.pins) return null;
  return current?.type === "file" ? current.hash : "";
}

/**
 * Requires the permission r where a part of a file becomes the beginning of an upload: the uploader
 * gets checksums, which would disclose it byte by byte.
 */
export async function requireReadable(access: Access, place: Place): Promise<void> {
  await access.place(place.shown, "r");
}

/**
 * Whether the account may go on with an upload. One that appends has the content of a file in it:
 * its prefixes, and their checksums, are only for who may read the file.
 */
export async function mayContinue(
  access: Access,
  { appendsTo, shownPath }: Pick<UploadRecord, "appendsTo" | "shownPath">,
): Promise<boolean> {
  if (!appendsTo) return true;
  try {
    await access.place(shownPath, "r");
    return true;
  } catch (error) {
    if (isStoreError(error, "denied", "not-found")) return false;
    throw error;
  }
}

/** The directory that holds a place. */
function above({ path, shown }: { path: VirtualPath; shown: VirtualPath }) {
  return { path: parentOf(path), shown: parentOf(shown) };
}

/** Where the newest version of a name has this content: that version. */
export async function newestIsSame(
  core: VaultCore,
  access: Access,
  place: Place,
  size: number,
  hash: string,
): Promise<{ path: VirtualPath; hash: string; size: number } | undefined> {
  const directory = parentOf(place.path);
  const shownDirectory = parentOf(place.shown);
  let newest: { name: string; storedMs: number; version: number } | undefined;
  for (const { name, version } of await familyOf(core.tree, place.owner, place.path)) {
    if (!await access.sharesAllow(childOf(shownDirectory, name), "w")) continue;
    const found = await core.tree.look(place.owner, childOf(directory, name));
    if (found?.entry.type !== "file") continue;
    const storedMs = found.record?.storedMs ?? found.entry.mtimeMs;
    const later = newest === undefined || storedMs > newest.storedMs ||
      (storedMs === newest.storedMs && version > newest.version);
    if (later) newest = { name, storedMs, version };
  }
  if (newest === undefined) return undefined;
  const { entry, record } = await core.tree.know(place.owner, childOf(directory, newest.name));
  if (entry.size !== size || record.hash !== hash || record.damaged) return undefined;
  return { path: childOf(shownDirectory, newest.name), hash, size };
}
