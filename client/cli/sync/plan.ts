import { dirname } from "@std/path";
import { isPartOf, looksLikePart } from "../../lib/local/part_name.ts";
import type { Seen } from "../tree/journal.ts";
import { isUntouchable, type Tree, type TreeFile } from "./tree.ts";

/** A file to bring from the source to the target. */
export interface PlannedFile {
  source: TreeFile;
  /** Its name at the target, relative. */
  target: string;
  /** Whether the target has it with other content. */
  changed: boolean;
}

/**
 * Changes that make the target equal to the source; names are relative and in the target's
 * spelling.
 */
export interface SyncPlan {
  files: PlannedFile[];
  /** Directories to make, parents before children. */
  directories: string[];
  /** Files and directories that replace an entry of another kind. */
  swaps: Swap[];
  /** To be removed at the end; children before parents. */
  extra: Removal[];
  /** Names that cannot be synchronised, with the reason. */
  conflicts: { name: string; reason: string }[];
  /** Files that are the same on both sides. */
  unchanged: number;
}

/**
 * A replacement by another kind: a file in the place of a directory of the target, or the other way
 * round.
 */
export interface Swap {
  name: string;
  /** Whether a directory comes. */
  directory: boolean;
  /** Entries of the target that it replaces, children before parents. */
  removals: Removal[];
}

/** A file or (then empty) directory of the target that the source does not have. */
export interface Removal {
  name: string;
  directory: boolean;
  /** State of the file. */
  seen?: Seen;
}

/** Whether two files of the same size have the same content. */
export type SameContent = (source: TreeFile, target: TreeFile) => Promise<boolean>;

/** How to compare. */
export interface PlanOptions {
  /** Whether the target loses what the source does not have. */
  remove: boolean;
  /** Whether parts of interrupted downloads at the target are to be taken up again. */
  keepParts: boolean;
  same: SameContent;
}

/** Compares two trees by size and checksum. */
export async function planSync(
  source: Tree,
  target: Tree,
  options: PlanOptions,
): Promise<SyncPlan> {
  const { remove, same } = options;
  const plan: SyncPlan = {
    files: [],
    directories: [],
    swaps: [],
    extra: [],
    conflicts: [],
    unchanged: 0,
  };
  const blocked = new Set<string>();
  const clear = (key: string, wanted: "file" | "directory"): boolean => {
    const reason = obstacle(target, key, wanted, remove);
    if (reason === undefined) return true;
    plan.conflicts.push({ name: key, reason });
    blocked.add(key);
    return false;
  };
  for (const [key, name] of source.directories) {
    if (!hasParentIn(blocked, key) && clear(key, "directory") && !target.directories.has(key)) {
      plan.directories.push(name);
      const file = target.files.get(key);
      if (file !== undefined) {
        const removals = [removalOf(file)];
        plan.swaps.push({ name, directory: true, removals });
      }
    }
  }
  for (const [key, file] of source.files) {
    if (hasParentIn(blocked, key) || !clear(key, "file")) continue;
    if (target.directories.has(key)) {
      const removals = removalsBelow(target, key);
      plan.swaps.push({ name: file.name, directory: false, removals });
    }
    const there = target.files.get(key);
    const equal = there !== undefined && there.size === file.size && await same(file, there);
    if (equal) plan.unchanged++;
    else {
      const name = there?.name ?? file.name;
      plan.files.push({ source: file, target: name, changed: there !== undefined });
    }
  }
  if (remove) plan.extra.push(...extras(source, target, plan, options.keepParts));
  return plan;
}

/** Why a name cannot be taken at the target; undefined where it can. */
function obstacle(
  target: Tree,
  key: string,
  wanted: "file" | "directory",
  remove: boolean,
): string | undefined {
  if (isUntouchable(target, key)) {
    return "a symbolic link, a special file or an unreadable entry has its name at the target";
  }
  const taken = wanted === "file" ? target.directories.has(key) : target.files.has(key);
  if (!taken) return undefined;
  const other = wanted === "file" ? "a directory" : "a file";
  if (!remove) return `${other} has its name at the target; --delete would replace it`;
  const holds = [...target.untouchable].some((name) => name.startsWith(`${key}/`));
  return holds
    ? "the directory of its name holds a symbolic link, a special file or an unreadable entry"
    : undefined;
}

function removalOf({ name, size, mtime, hash }: TreeFile): Removal {
  return { name, directory: false, seen: { size, mtime, hash } };
}

/** A directory of the target with everything in it, children before parents. */
function removalsBelow(target: Tree, key: string): Removal[] {
  const inside = (name: string) => name === key || name.startsWith(`${key}/`);
  return [
    ...[...target.files].filter(([name]) => inside(name))
      .map(([, file]) => removalOf(file)),
    ...[...target.directories].filter(([name]) => inside(name)).reverse()
      .map(([, name]) => ({ name, directory: true })),
  ];
}

/** Entries that only the target has, children before parents. */
function extras(source: Tree, target: Tree, plan: SyncPlan, keepParts: boolean): Removal[] {
  const gone = new Set(plan.swaps.flatMap(({ removals }) => removals).map(({ name }) => name));
  const parts = keepParts ? begunParts(target, plan) : new Set<string>();
  const kept = new Set<string>();
  const keepParents = (key: string) => {
    for (let end = key.lastIndexOf("/"); end > 0; end = key.lastIndexOf("/", end - 1)) {
      kept.add(key.slice(0, end));
    }
  };
  for (const key of [...target.untouchable, ...parts]) keepParents(key);
  // An entry that the source has but skips (a symbolic link) is not missing there.
  const covered = (key: string) => isUntouchable(source, key);
  const files = [...target.files].filter(([key, { name }]) => {
    const stays = source.files.has(key) || parts.has(key) || covered(key);
    if (stays) keepParents(key);
    return !stays && !gone.has(name);
  });
  const directories = [...target.directories].filter(([key, name]) => {
    const stays = source.directories.has(key) || covered(key);
    if (stays) keepParents(key);
    return !stays && !gone.has(name);
  });
  return [
    ...files.map(([, file]) => removalOf(file)),
    ...directories.filter(([key]) => !kept.has(key)).reverse()
      .map(([, name]) => ({ name, directory: true })),
  ];
}

/** Finds temporary files of interrupted downloads that this plan will continue. */
function begunParts(target: Tree, plan: SyncPlan): Set<string> {
  const parts = [...target.files.values()].filter(({ name }) => looksLikePart(name));
  const begun = parts.filter(({ name }) =>
    plan.files.some((file) => dirname(file.target) === dirname(name) && isPartOf(name, file.target))
  );
  return new Set(begun.map(({ name }) => name.normalize()));
}

function hasParentIn(names: Set<string>, key: string): boolean {
  for (let end = key.lastIndexOf("/"); end > 0; end = key.lastIndexOf("/", end - 1)) {
    if (names.has(key.slice(0, end))) return true;
  }
  return false;
}
