/** What happens to accounts, whoever asks for it: an administrator's session or `admin` on disk. */
import type { AccountAnswer, Catalog } from "../contract/catalog.ts";
import { eachUpload } from "../common/each_upload.ts";
import { StoreError } from "../contract/error.ts";
import { forgetFiles } from "../commit/record_steps.ts";
import { canonicalLetters } from "../contract/permission.ts";
import type { Store } from "../contract/store.ts";

/** Letters of an account where nothing else is said. */
export const DEFAULT_LETTERS = "rwcd";

/** Where accounts are. */
export interface AccountPlaces {
  store: Store;
  catalog: Catalog;
}

/** What a new account begins with. */
export interface NewAccount {
  name: string;
  /** In PHC string form. */
  passwordHash: string;
  /** @default "rwcd" */
  letters?: string;
  quotaBytes: number | null;
}

/** Makes an account; it starts empty, whatever stands in its place. @throws {StoreError} `exists` */
export async function createAccount(
  { store, catalog }: AccountPlaces,
  { name, passwordHash, letters = DEFAULT_LETTERS, quotaBytes }: NewAccount,
): Promise<void> {
  const now = Date.now();
  const added = await catalog.addAccount({
    name,
    passwordHash,
    letters: canonicalLetters(letters),
    quotaBytes,
    createdMs: now,
    lastLoginMs: null,
    generation: now,
  });
  if (!added) throw accountExists(name);
  await store.removeAccount(name, { keepAside: true });
  await store.addAccount(name);
}

/**
 * Removes an account. In this order a crash leaves an account that nobody can use, whose removal
 * the next start completes; never files that a later account of the name would find.
 *
 * @param options `retired` is called once nobody can act for it any more: what runs is to end
 * @throws {StoreError} `not-found`, `denied` for the last administrator
 */
export async function removeAccount(
  { store, catalog }: AccountPlaces,
  name: string,
  options: { keepFiles: boolean; retired?: () => Promise<void> },
): Promise<void> {
  check(name, await catalog.retireAccount(name));
  await options.retired?.();
  for await (const upload of eachUpload((page) => catalog.uploads(name, page))) {
    if (upload.owner !== name) await store.removePart(upload.owner, upload.id); // in trees that stay
    await catalog.removeUpload(upload);
  }
  for await (const upload of eachUpload((page) => catalog.guestUploads(name, page))) {
    await catalog.removeUpload(upload); // the part goes with the tree
  }
  await store.removeAccount(name, { keepAside: options.keepFiles });
  await forgetFiles(catalog, name, "/");
  await catalog.removeAccount(name);
}

/**
 * Replaces an account's letters.
 *
 * @returns them in canonical order
 * @throws {StoreError} as {@linkcode removeAccount}
 */
export async function replaceLetters(
  catalog: Catalog,
  name: string,
  letters: string,
): Promise<string> {
  const canonical = canonicalLetters(letters);
  check(name, await catalog.setLetters(name, canonical));
  return canonical;
}

/** The error for an account that is there already. */
export function accountExists(name: string): StoreError {
  return new StoreError("exists", `There is an account "${name}" already`);
}

/** The error for an account that is not there. */
export function noSuchAccount(name: string): StoreError {
  return new StoreError("not-found", `There is no account "${name}"`);
}

function check(name: string, answer: AccountAnswer): void {
  if (answer === "unknown") throw noSuchAccount(name);
  if (answer === "done") return;
  throw new StoreError(
    "denied",
    `"${name}" is the last account that may administer (letter t): give another the letter first`,
  );
}
