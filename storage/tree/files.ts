/** Looking into files: checksums, versions, damage. */
import { lookAtFile } from "../common/looks.ts";
import type { Access } from "../access/access.ts";
import { FAILURES, isStoreError, StoreError, UnreachableName } from "../contract/error.ts";
import { describe } from "./listing.ts";
import { childOf, parentOf, type VirtualPath } from "../contract/path.ts";
import { type FileInfo, SeenTree } from "./seen_tree.ts";
import { sortInSlices } from "../common/sliced_sort.ts";
import { hashContent, Pace } from "../common/slices.ts";
import { type OtherEntry } from "../contract/entry.ts";
import type { VaultCore } from "../core/vault_core.ts";
import { familyOf } from "../common/version_family.ts";
import { walk } from "./walk.ts";

/** A file's checksum, computed where it is not known yet. */
export async function checksum(
  core: VaultCore,
  access: Access,
  text: string,
): Promise<{ path: VirtualPath; size: number; mtimeMs: number; hash: string }> {
  const place = await access.place(text, "r");
  const { record } = await core.tree.know(place.owner, place.path);
  return { path: place.shown, size: record.size, mtimeMs: record.mtimeMs, hash: record.hash };
}

/** One version of a file. */
export interface FileVersion {
  path: VirtualPath;
  version: number;
  info: FileInfo;
}

/** In which order versions are listed. */
export interface VersionsOptions {
  /** @default false */
  newestFirst?: boolean;
}

/**
 * Lists all versions of a file, oldest first or newest first. Each is read when the consumer takes
 * it, so that the first of very many versions are cheap.
 */
export async function versions(
  core: VaultCore,
  access: Access,
  text: string,
  { newestFirst = false }: VersionsOptions = {},
): Promise<AsyncIterable<FileVersion>> {
  const place = await access.place(text, "r");
  await lookAtFile(core.tree, place.owner, place.path);
  const family = await familyOf(core.tree, place.owner, place.path);
  const pace = new Pace();
  const sign = newestFirst ? -1 : 1;
  const inOrder = await sortInSlices(family, pace, (a, b) => sign * (a.version - b.version));
  return (async function* () {
    const tree = new SeenTree(core, access);
    for (const { name, version } of inOrder) {
      await pace.turn();
      const path = childOf(parentOf(place.shown), name);
      // A share of one file does not cover its versions, nor does a token for it.
      if (!access.reaches(path) || !await access.sharesAllow(path, "r")) continue;
      const info = await tree.info(path, name);
      if (info?.type !== "file") continue;
      const hash = await hashAt(core, place.owner, childOf(parentOf(place.path), name));
      if (hash !== undefined) yield { path, version, info: { ...info, hash } };
    }
  })();
}

/** A file's checksum; undefined where it has gone meanwhile. */
async function hashAt(core: VaultCore, owner: string, path: VirtualPath) {
  try {
    return (await core.tree.know(owner, path)).record.hash;
  } catch (error) {
    if (isStoreError(error, "not-found", "is-directory")) return undefined;
    throw error;
  }
}

/** A file whose content does not hash to its record. */
export interface Damage {
  filename: VirtualPath;
  expected: string;
  /** SHA-256 in hex; `unreadable` where the content ends early. */
  actual: string;
}

/** Maximum of skipped entries that are named. */
const MAX_NAMED = 1000;

/** Result of a verification. */
export interface Verification {
  files: number;
  bytes: number;
  /** Number of damaged files. */
  damagedFiles: number;
  /** The damaged files; of very many the first ones. */
  damaged: Damage[];
  /** Skipped entries: links, pipes and the like, and unreadable files; the first 1,000. */
  leftOut: Unverified[];
  /** Number of skipped entries. */
  leftOutCount: number;
}

/** Something below a directory that was verified, which is itself not verified. */
export interface Unverified {
  filename: VirtualPath;
  /** Its type, or why it could not be read. */
  reason: string;
  /** Whether its name on disk is not UTF-8. */
  notUtf8?: true;
}

/** Maximum number of damaged files that a session's verification lists; more are only counted. */
const MAX_DAMAGE = 5000;

/** Reads every byte again, of a file or of all files below a directory. */
export async function verify(
  core: VaultCore,
  access: Access,
  text: string,
): Promise<Verification> {
  const { shown } = await access.sight(text);
  const tree = new SeenTree(core, access);
  const { type } = await describe(core, access, text);
  const result = nothingVerified();
  const verifyAt = async (at: VirtualPath) => {
    await access.require("r");
    const place = await tree.place(at);
    if (place === undefined) return;
    await verifyFile(core, place.owner, place.path, at, result, MAX_DAMAGE)
      .catch(leaveOut(at, result));
  };
  if (type === "file") {
    await verifyAt(shown);
    return result;
  }
  const passedOver = (name: string, why: StoreError | OtherEntry) => {
    const at = childOf(shown, name);
    // An error for a name that is not UTF-8 was already recorded under the name itself.
    if (why instanceof UnreachableName) return;
    if (why instanceof StoreError) leaveOut(at, result)(why);
    else note(result, at, `It is a ${why.kind}`);
  };
  const pace = new Pace();
  const how = { recursive: true, passedOver };
  for await (const { directory, names } of walk(tree, shown, how, pace)) {
    for (const name of names) {
      await verifyAt(childOf(directory, name));
      await pace.turn();
    }
  }
  return result;
}

/** The result before anything was read. */
export function nothingVerified(): Verification {
  return { files: 0, bytes: 0, damagedFiles: 0, damaged: [], leftOut: [], leftOutCount: 0 };
}

/** Notes something that was not read; why, or what it is. */
export function note(
  result: Verification,
  filename: VirtualPath,
  why: StoreError | string,
): void {
  result.leftOutCount++;
  if (result.leftOut.length >= MAX_NAMED) return;
  const reason = why instanceof StoreError ? why.message : why;
  const notUtf8 = why instanceof UnreachableName;
  result.leftOut.push({ filename, reason, ...(notUtf8 && { notUtf8: true }) });
}

/** Notes what could not be read; what was removed or replaced meanwhile is passed over. */
function leaveOut(filename: VirtualPath, result: Verification): (error: unknown) => void {
  return (error) => {
    if (isStoreError(error, "bad-name", "denied", ...FAILURES)) {
      note(result, filename, error);
    } else if (!isStoreError(error, "not-found", "is-directory", "not-directory")) {
      throw error;
    }
  };
}

/** Content that ends before its recorded end is damaged; its hash is not known. */
function endsEarly(error: unknown): { hash: undefined; length: number } {
  if (!isStoreError(error, "checksum")) throw error;
  return { hash: undefined, length: 0 };
}

/** Reads a file again, and records whether it is damaged. */
export async function verifyFile(
  core: VaultCore,
  owner: string,
  path: VirtualPath,
  shown: VirtualPath,
  result: Verification,
  maxDamage = Infinity,
): Promise<void> {
  const { content, record, proved, hashed } = await core.tree.open(owner, path);
  try {
    const foundDamage = content.tolerateDamage?.();
    // A file without a true record was read and hashed by `open`; a small one was compared there.
    const { hash, length } = proved || hashed
      ? { hash: record.hash, length: record.size }
      : await hashContent(content, content.size).catch(endsEarly);
    result.files++;
    result.bytes += length;
    const damaged = hash !== record.hash || foundDamage?.() === true;
    if (damaged) {
      const found = { filename: shown, expected: record.hash, actual: hash ?? "unreadable" };
      if (result.damagedFiles++ < maxDamage) result.damaged.push(found);
    }
    if (damaged !== record.damaged) {
      await core.tree.noteDamage(owner, path, record, damaged);
    }
  } finally {
    content.close();
  }
}
