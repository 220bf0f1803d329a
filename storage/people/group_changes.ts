/** Changes of groups, for administrators' sessions and for `admin` on the data directory. */
import { nameFault } from "../../common/account_names.ts";
import { GROUP_SIGN, type GroupRecord } from "../contract/books/group_book.ts";
import type { Catalog } from "../contract/catalog.ts";
import { StoreError } from "../contract/error.ts";
import { canonicalLetters } from "../contract/permission.ts";
import { endUnshared } from "../transfer/guest_locks.ts";
import { noSuchAccount } from "./account_changes.ts";

/** Most groups of one account. */
const MAX_GROUPS = 100;

/** The name of a group, which may be written with its sign. */
export function groupName(text: string): string {
  return text.startsWith(GROUP_SIGN) ? text.slice(GROUP_SIGN.length) : text;
}

/** Makes a group without members. @throws {StoreError} `exists`, `bad-name`, `bad-request` */
export async function makeGroup(
  catalog: Catalog,
  name: string,
  letters: string,
): Promise<GroupRecord> {
  const fault = nameFault(name)?.replaceAll("user name", "name of a group");
  if (fault !== undefined) throw new StoreError("bad-name", fault);
  const group = { name, letters: checkedLetters(letters), createdMs: Date.now() };
  if (await catalog.groups.add(group)) return group;
  throw new StoreError("exists", `There is a group "${name}" already`);
}

/** Removes a group, its memberships and the shares with it. @throws {StoreError} `not-found` */
export async function removeGroup(catalog: Catalog, name: string): Promise<void> {
  if (!await catalog.groups.remove(name)) throw noSuchGroup(name);
  await endUnshared(catalog);
}

/**
 * Replaces the permissions of a group.
 *
 * @returns their letters in canonical order
 * @throws {StoreError} `not-found`, `bad-request`
 */
export async function permitGroup(
  catalog: Catalog,
  name: string,
  letters: string,
): Promise<string> {
  const checked = checkedLetters(letters);
  if (!await catalog.groups.setLetters(name, checked)) throw noSuchGroup(name);
  return checked;
}

/** Adds an account to a group. @throws {StoreError} `not-found`, `quota` */
export async function joinGroup(catalog: Catalog, name: string, account: string): Promise<void> {
  const groups = (await catalog.account(account))?.groups ?? [];
  if (groups.length >= MAX_GROUPS && !groups.some((group) => group.name === name)) {
    throw new StoreError("quota", `An account is in at most ${MAX_GROUPS} groups`);
  }
  const answer = await catalog.groups.join(name, account);
  if (answer === "no-group") throw noSuchGroup(name);
  if (answer === "no-account") throw noSuchAccount(account);
}

/** Takes an account out of a group. @throws {StoreError} `not-found` */
export async function leaveGroup(catalog: Catalog, name: string, account: string): Promise<void> {
  if (await catalog.groups.leave(name, account)) return await endUnshared(catalog);
  if (await catalog.groups.get(name) === undefined) throw noSuchGroup(name);
  throw new StoreError("not-found", `"${account}" is not in the group "${name}"`);
}

/** The error for a group that is not there. */
export function noSuchGroup(name: string): StoreError {
  return new StoreError("not-found", `There is no group "${name}"`);
}

function checkedLetters(letters: string): string {
  if (/^[rwcd]*$/.test(letters)) return canonicalLetters(letters);
  throw new StoreError(
    "bad-request",
    "The permissions of a group are letters of rwcd: only an account itself may administer (t)",
  );
}
