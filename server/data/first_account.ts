/** The account `admin`, made at the first start. There are no default passwords. */
import { programName } from "../../common/program_name.ts";
import { join } from "@std/path";
import { reasonOf } from "../../common/os_reason.ts";
import { ALL_LETTERS } from "../../storage/contract/permission.ts";
import type { Durability, Engine } from "../../storage/contract/engine.ts";
import { type CatalogFile, openCatalogFile, openEngine } from "../../storage/open_engine.ts";
import { passwordFault } from "../auth/names.ts";
import { generatePassword, hashPassword } from "../../common/secrets.ts";
import { PLACES } from "./data_directory.ts";
import { failure, messageOf, usageError } from "../options/error.ts";

/** Name of the first account. */
export const FIRST_ACCOUNT = "admin";

/** The account that the first start made. */
export interface FirstAccount {
  /** The password, where it was made up: to be shown once. */
  password: string | undefined;
}

/**
 * Makes the first account where there is no administrator.
 *
 * @param asked `TOWPATH_ADMIN_PASSWORD`
 * @returns undefined where there is one already
 * @throws {ExitError} a password that is none, or a catalog that cannot be opened
 */
export async function makeFirstAccount(
  data: string,
  asked: string | undefined,
  quotaBytes: number | null,
): Promise<FirstAccount | undefined> {
  const catalog = openCatalog(data);
  try {
    const accounts = await catalog.accounts();
    if (accounts.some(({ letters }) => letters.includes("t"))) return undefined;
    const fault = asked && passwordFault(asked);
    if (fault) throw usageError(`TOWPATH_ADMIN_PASSWORD cannot be used: ${fault}`);
    const password = asked || generatePassword();
    const added = await catalog.addAccount({
      name: FIRST_ACCOUNT,
      passwordHash: await hashPassword(password),
      letters: ALL_LETTERS,
      quotaBytes,
      createdMs: Date.now(),
      lastLoginMs: null,
      generation: Date.now(),
    });
    if (!added) {
      throw failure(
        `No account may administer (permission t), and "${FIRST_ACCOUNT}" is taken: ` +
          `give it the letter with "${
            programName("admin")
          } user permit ${FIRST_ACCOUNT} ${ALL_LETTERS}"`,
      );
    }
    return { password: asked ? undefined : password };
  } finally {
    await catalog.close();
  }
}

/** Removes the first account; the next start creates it again. */
export async function removeFirstAccount(data: string): Promise<void> {
  const catalog = openCatalog(data);
  try {
    await catalog.removeAccount(FIRST_ACCOUNT);
  } finally {
    await catalog.close();
  }
}

/**
 * Opens the catalog of a data directory; an error becomes one sentence.
 *
 * @param options `check`: whether to check every page of it first
 */
export function openCatalog(data: string, { check = true } = {}): CatalogFile {
  const file = join(data, PLACES.catalog);
  return opened(data, () => openCatalogFile(file, { durability: "full", check }));
}

/** Opens all of a data directory, as {@linkcode openCatalog} does the catalog. */
export function openData(data: string, durability: Durability = "full"): Engine {
  return opened(data, () => openEngine({ data, durability }));
}

function opened<T>(data: string, open: () => T): T {
  try {
    return open();
  } catch (error) {
    const { cause } = error as Error;
    // SQLite's message for a sound catalog, for example that it cannot map its index.
    const said = cause instanceof Error ? ` (${messageOf(cause)})` : "";
    const why = refusedFile(join(data, PLACES.catalog)) ?? messageOf(error) + said;
    throw failure(`The catalog in ${data} cannot be opened: ${why}`, error);
  }
}

/**
 * Finds the file of the catalog that the operating system refuses, and the reason; SQLite reports
 * neither.
 */
function refusedFile(catalog: string): string | undefined {
  for (const place of [catalog, `${catalog}-wal`, `${catalog}-shm`]) {
    try {
      Deno.openSync(place, { read: true, write: true }).close();
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) return reasonOf(error, place);
    }
  }
  return undefined;
}
