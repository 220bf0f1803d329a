/** Changes of accounts, for administrators' sessions and for `admin` on the data directory. */
import type { AccountAnswer, Catalog, Validity } from "../contract/catalog.ts";
import type { Engine, RemoveAccountOptions } from "../contract/engine.ts";
import { StoreError } from "../contract/error.ts";
import { ANONYMOUS } from "../contract/principal.ts";
import { canonicalLetters } from "../contract/permission.ts";
import { endUnshared } from "../transfer/guest_locks.ts";

/** Permissions of a new account by default. */
export const DEFAULT_LETTERS = "rwcd";

/** Properties of a new account. */
export interface NewAccount {
  name: string;
  /** In PHC string form. */
  passwordHash: string;
  /** @default "rwcd" */
  letters?: string;
  quotaBytes: number | null;
  /** From then on it is void. @default never */
  expiresMs?: number | null;
}

/** Creates an account with an empty tree. @throws {StoreError} `exists` */
export async function createAccount(
  engine: Engine,
  { name, passwordHash, letters = DEFAULT_LETTERS, quotaBytes, expiresMs = null }: NewAccount,
): Promise<void> {
  if (name === ANONYMOUS) {
    throw new StoreError("bad-name", `The user name "${ANONYMOUS}" is reserved (--anonymous)`);
  }
  const now = Date.now();
  const added = await engine.addAccount({
    name,
    passwordHash,
    letters: canonicalLetters(letters),
    quotaBytes,
    createdMs: now,
    lastLoginMs: null,
    generation: now,
    expiresMs,
  });
  if (!added) throw accountExists(name);
}

/**
 * Removes an account.
 *
 * @throws {StoreError} `not-found`, `denied` for the last administrator
 */
export async function removeAccount(
  engine: Engine,
  name: string,
  options: RemoveAccountOptions,
): Promise<void> {
  check(name, await engine.removeAccount(name, options));
}

/**
 * Replaces an account's permissions.
 *
 * @returns their letters in canonical order
 * @throws {StoreError} as {@linkcode removeAccount}
 */
export async function replaceLetters(
  catalog: Catalog,
  name: string,
  letters: string,
): Promise<string> {
  const canonical = canonicalLetters(letters);
  check(name, await catalog.setLetters(name, canonical));
  await endUnshared(catalog, name); // what an owner has lost, its shares do not allow
  return canonical;
}

/**
 * Disables or enables an account, or sets when it expires.
 *
 * @returns how it is then
 * @throws {StoreError} as {@linkcode removeAccount}
 */
export async function changeValidity(
  catalog: Catalog,
  name: string,
  change: Partial<Validity>,
): Promise<Validity> {
  check(name, await catalog.setValidity(name, change));
  const account = await catalog.account(name);
  if (account === undefined) throw noSuchAccount(name);
  return { disabled: account.disabled, expiresMs: account.expiresMs };
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
    `"${name}" is the last account that may administer (permission t) without an end: ` +
      "give it to another account first",
  );
}
