/** What the commands on accounts share. */
import type { Account, Catalog } from "../../storage/catalog.ts";
import { ALL_LETTERS, canonicalLetters } from "../../storage/permission.ts";
import type { SqliteCatalog } from "../../storage/sqlite_catalog.ts";
import { nameFault } from "../auth/names.ts";
import { openCatalog } from "../first_account.ts";
import { EXIT, ExitError, usageError } from "../options/error.ts";
import type { Kind } from "../options/kinds.ts";
import type { NewPassword } from "./new_password.ts";

/** Permission letters; an empty text is none. */
export const letters: Kind<string> = {
  placeholder: "LETTERS",
  read(text) {
    if (!/^[rwcdt]*$/.test(text)) throw new TypeError(`letters of ${ALL_LETTERS}`);
    return canonicalLetters(text);
  },
};

/** Reads letters that stand as an operand. */
export function readLetters(text: string): string {
  try {
    return letters.read(text);
  } catch {
    throw usageError(`The permissions ${JSON.stringify(text)} must be letters of ${ALL_LETTERS}`);
  }
}

/** Does something with the catalog and closes it. */
export async function withCatalog<T>(
  data: string,
  work: (catalog: SqliteCatalog) => Promise<T>,
): Promise<T> {
  const catalog = openCatalog(data);
  try {
    return await work(catalog);
  } finally {
    await catalog.close();
  }
}

/** @throws {ExitError} a user name that is none */
export function assertName(name: string): void {
  const fault = nameFault(name);
  if (fault) throw usageError(fault);
}

/** The account of a name. @throws {ExitError} where there is none */
export async function existing(catalog: Catalog, name: string): Promise<Account> {
  const account = await catalog.account(name);
  if (account === undefined) throw new ExitError(EXIT.notFound, `There is no account "${name}"`);
  return account;
}

/** @throws {ExitError} where nobody but this account may administer */
export async function assertNotLastAdministrator(catalog: Catalog, name: string): Promise<void> {
  const others = (await catalog.accounts()).filter((account) => account.name !== name);
  if (others.some((account) => account.letters.includes("t"))) return;
  throw new ExitError(
    EXIT.denied,
    `"${name}" is the last account that may administer (letter t): give another the letter first`,
  );
}

/** The lines and members that tell of a new password. */
export function tellPassword({ password, made }: NewPassword): {
  text: string;
  data: { password?: string };
} {
  if (!made) return { text: "", data: {} };
  return { text: `Password, shown only now: ${password}\n`, data: { password } };
}
