/** Opens the data for commands, and parses their options about accounts. */
import { noSuchAccount } from "../../storage/people/account_changes.ts";
import { programName } from "../../common/program_name.ts";
import type { Account, Catalog } from "../../storage/contract/catalog.ts";
import { StoreError, type StoreErrorKind } from "../../storage/contract/error.ts";
import type { Engine } from "../../storage/contract/engine.ts";
import { ALL_LETTERS, canonicalLetters } from "../../storage/contract/permission.ts";
import { joinBus } from "../../storage/open_engine.ts";
import { Vault } from "../../storage/vault.ts";
import { parseWhen, WHEN_FORM } from "../../common/expiry.ts";
import { nameFault } from "../../common/account_names.ts";
import { clusterAccess } from "../data/cluster_access.ts";
import { type DataPlace, openData, withEngine } from "../data/open_data.ts";
import { EXIT, ExitError, messageOf, usageError } from "../options/error.ts";
import { serverBus } from "./running_server.ts";
import { type Kind, orNone, size } from "../options/kinds.ts";
import type { NewPassword } from "./new_password.ts";

/** Permissions as letters; an empty text is none. */
export const letters: Kind<string> = {
  placeholder: "LETTERS",
  read(text) {
    if (!/^[rwcdt]*$/.test(text)) throw new TypeError(`letters of ${ALL_LETTERS}`);
    return canonicalLetters(text);
  },
};

/** When an account expires; null: never. */
export const expiry: Kind<number | null> = {
  placeholder: "WHEN",
  read(text) {
    if (/^(never|none)$/i.test(text)) return null;
    const timeMs = parseWhen(text);
    if (timeMs === undefined) throw new TypeError(`${WHEN_FORM}, or never`);
    return timeMs;
  },
};

/** Parses the end of an account given as an operand; null: never. */
export function readExpiry(text: string): number | null {
  try {
    return expiry.read(text);
  } catch (error) {
    throw usageError(`The end ${JSON.stringify(text)} must be ${messageOf(error)}`);
  }
}

/** Parses permissions given as an operand. */
export function readLetters(text: string): string {
  try {
    return letters.read(text === "none" ? "" : text);
  } catch {
    throw usageError(`The permissions ${JSON.stringify(text)} must be letters of ${ALL_LETTERS}`);
  }
}

/** Parses a SIZE given as an operand; null: no limit. */
export function readQuota(text: string): number | null {
  try {
    return orNone(size).read(text);
  } catch (error) {
    throw usageError(`The quota ${JSON.stringify(text)} must be ${messageOf(error)}`);
  }
}

/** Does something with the catalog of a data directory and closes it. */
export function withCatalog<T>(
  place: DataPlace,
  work: (catalog: Catalog) => Promise<T>,
): Promise<T> {
  return withEngine(place, ({ catalog }) => work(catalog));
}

/** Checks a user name. @throws {ExitError} where it is invalid */
export function assertName(name: string): void {
  const fault = nameFault(name);
  if (fault) throw usageError(fault);
}

/** The account of a name. @throws {ExitError} where there is none */
export async function existing(catalog: Catalog, name: string): Promise<Account> {
  const account = await catalog.account(name);
  if (account === undefined) throw new ExitError(EXIT.notFound, noSuchAccount(name).message);
  return account;
}

const EXIT_OF: Partial<Record<StoreErrorKind, number>> = {
  "not-found": EXIT.notFound,
  "transfer-not-found": EXIT.notFound,
  "denied": EXIT.denied,
  "exists": EXIT.conflict,
  "bad-name": EXIT.usage,
  "bad-request": EXIT.usage,
};

/** Does something with accounts; what storage refuses gets its exit code. @throws {ExitError} */
export async function onAccounts<T>(place: DataPlace, work: (engine: Engine) => Promise<T>) {
  try {
    return await withEngine(place, work);
  } catch (error) {
    throw asExitError(error);
  }
}

/**
 * Does something with the vault; questions go to the server that runs, if one does. What storage
 * refuses gets its exit code.
 *
 * @throws {ExitError}
 */
export async function onVault<T>(
  place: DataPlace,
  work: (vault: Vault, engine: Engine) => Promise<T>,
): Promise<T> {
  const { data, options: { durability, "part-ttl": partTtlMs } } = place;
  const engine = await openData(place, { durability });
  const cluster = clusterAccess(place.options);
  const bus = cluster === undefined
    ? serverBus(data)
    : await joinBus(engine, `admin at ${cluster.node}`, () => {});
  // Recovery is the server's: it may be running.
  const vault = await Vault.open({ engine, recover: false, partTtlMs, bus });
  try {
    return await work(vault, engine);
  } catch (error) {
    throw asExitError(error);
  } finally {
    await vault.close();
  }
}

function asExitError(error: unknown): unknown {
  const code = error instanceof StoreError ? EXIT_OF[error.kind] : undefined;
  return code === undefined ? error : new ExitError(code, messageOf(error), { cause: error });
}

/** Formats a new password as lines and as members. */
export function formatPassword({ password, made }: NewPassword, name: string): {
  text: string;
  data: { password?: string };
  ifLost?: string;
} {
  if (!made) return { text: "", data: {} };
  const again = `${programName("admin")} user passwd ${name}`;
  return {
    text: `Password, shown only now: ${password}\n`,
    data: { password },
    ifLost: `The password of "${name}" is lost: give it another one with ${again}`,
  };
}
