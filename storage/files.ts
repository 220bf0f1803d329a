/** Looking into files: checksums, versions, damage. */
import type { Access } from "./access.ts";
import { isStoreError } from "./error.ts";
import { describe, walk } from "./listing.ts";
import { childOf, nameOf, parentOf, type VirtualPath } from "./path.ts";
import { type FileInfo, SeenTree } from "./seen_tree.ts";
import { hashContent } from "./slices.ts";
import type { VaultCore } from "./vault_core.ts";
import { parseVersionName, sameFamily } from "./version_name.ts";

/** A file's checksum, computed where it is not known yet. */
export async function checksum(
  core: VaultCore,
  access: Access,
  text: string,
): Promise<{ path: VirtualPath; size: number; mtimeMs: number; hash: string }> {
  const place = await access.place(text, "r");
  const { record } = await core.know(place.owner, place.path);
  return { path: place.shown, size: record.size, mtimeMs: record.mtimeMs, hash: record.hash };
}

/** All versions of a file, oldest first. */
export async function versions(
  core: VaultCore,
  access: Access,
  text: string,
): Promise<{ path: VirtualPath; version: number; info: FileInfo }[]> {
  const place = await access.place(text, "r");
  await core.lookAtFile(place.owner, place.path);
  const tree = new SeenTree(core, access);
  const wanted = parseVersionName(nameOf(place.path));
  const found = [];
  for (const name of await core.store.names(place.owner, parentOf(place.path))) {
    const parsed = parseVersionName(name);
    if (!sameFamily(parsed, wanted)) continue;
    const path = childOf(parentOf(place.shown), name);
    // A share of one file does not cover its versions, nor does a token for it.
    if (!access.reaches(path) || !await access.sharesAllow(path, "r")) continue;
    const info = await tree.info(path, name);
    if (info?.type !== "file") continue;
    const { hash } = (await core.know(place.owner, childOf(parentOf(place.path), name))).record;
    found.push({ path, version: parsed.version, info: { ...info, hash } });
  }
  return found.sort((a, b) => a.version - b.version);
}

/** A file whose content does not hash to its record. */
export interface Damage {
  filename: VirtualPath;
  expected: string;
  actual: string;
}

/** What was read again. */
export interface Verification {
  files: number;
  bytes: number;
  damaged: Damage[];
}

/** Reads every byte of an account's files again, for the operator: whatever the account may do. */
export async function verifyAccount(core: VaultCore, owner: string): Promise<Verification> {
  const result: Verification = { files: 0, bytes: 0, damaged: [] };
  const directories: VirtualPath[] = ["/"];
  for (let at = directories.pop(); at !== undefined; at = directories.pop()) {
    for (const { name, type } of await core.store.list(owner, at)) {
      const path = childOf(at, name);
      if (type === "directory") directories.push(path);
      else await verifyFile(core, owner, path, path, result).catch(unlessGone);
    }
  }
  return result;
}

/** Reads every byte again, of a file or of all files below a directory. */
export async function verify(
  core: VaultCore,
  access: Access,
  text: string,
): Promise<Verification> {
  const { shown } = await access.sight(text);
  const tree = new SeenTree(core, access);
  const { type } = await describe(core, access, text);
  const result: Verification = { files: 0, bytes: 0, damaged: [] };
  for await (const name of type === "file" ? [""] : walk(tree, shown, true)) {
    await access.require("r");
    const at = name === "" ? shown : childOf(shown, name);
    const place = await tree.place(at);
    if (place === undefined) continue;
    await verifyFile(core, place.owner, place.path, at, result).catch(unlessGone);
  }
  return result;
}

/** A file that was removed or replaced by a directory meanwhile is passed over. */
function unlessGone(error: unknown): void {
  if (!isStoreError(error, "not-found", "is-directory")) throw error;
}

async function verifyFile(
  core: VaultCore,
  owner: string,
  path: VirtualPath,
  shown: VirtualPath,
  result: Verification,
): Promise<void> {
  const { content, record } = await core.open(owner, path);
  try {
    const { hash, length } = await hashContent(content, content.size);
    result.files++;
    result.bytes += length;
    const damaged = hash !== record.hash;
    if (damaged) result.damaged.push({ filename: shown, expected: record.hash, actual: hash });
    if (damaged !== record.damaged) {
      await core.catalog.noteFile(owner, path, { ...record, damaged });
    }
  } finally {
    content.close();
  }
}
