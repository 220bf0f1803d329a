/** The data directory: its places, made and checked. */
import { dirname, join } from "@std/path";
import { reasonOf } from "../../common/os_reason.ts";
import { quoted } from "../../common/printable.ts";
import { CATALOG_FILE } from "../../storage/engine_places.ts";
import { isDiskFull } from "../../common/os_error.ts";
import { ExitError, failure } from "../options/error.ts";

/** Places in the data directory (docs/cli.md, "Data directory"). */
export const PLACES = {
  lock: "lock",
  serverJson: "server.json",
  catalog: CATALOG_FILE,
  config: "config.json",
  tls: "tls",
  /** Questions of `admin` to the server that runs, and their answers. */
  control: "control",
  logs: "logs",
  users: "users",
  /** Exists while a restore moves unpacked content to its place. */
  restoring: "restore-unfinished",
  /** Content that a restore has unpacked before that. */
  draft: ".restore",
} as const;

/** Makes sure that no restore was cut short. @throws {ExitError} */
export function assertRestored(data: string): void {
  if (!isThere(join(data, PLACES.restoring))) return;
  throw failure(
    `A restore into ${data} did not end: run "admin restore" again with --replace, ` +
      `or remove ${PLACES.restoring} from it if it holds what you want to serve`,
  );
}

/**
 * Checks that a directory without a catalog is new. An empty catalog beside existing files would
 * give them to any account that is created with their owner's name.
 *
 * @throws {ExitError} where accounts have files and the catalog is missing
 */
export function assertCatalogIsThere(data: string): void {
  if (isThere(join(data, PLACES.catalog)) || !isThere(join(data, PLACES.users))) return;
  if ([...Deno.readDirSync(join(data, PLACES.users))].length === 0) return;
  throw failure(
    `The catalog of ${data} is gone, but its accounts' files are there: restore catalog.db from a ` +
      `backup, or move users/ away to start with an empty catalog`,
  );
}

/** Whether there is something at a path, a link without a target included. */
export function isThere(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** Whether a path leads to a file. */
export function isFile(path: string): boolean {
  return infoOf(path)?.isFile ?? false;
}

/** Whether a path leads to a directory. */
export function isDirectory(path: string): boolean {
  return infoOf(path)?.isDirectory ?? false;
}

function infoOf(path: string): Deno.FileInfo | undefined {
  try {
    return Deno.statSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** The path of the nearest existing directory at or above `path`, links resolved. */
function realStart(path: string): string {
  for (let at = path;; at = dirname(at)) {
    try {
      return Deno.realPathSync(at);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound) || at === dirname(at)) throw error;
    }
  }
}

/** Makes a directory of ours with mode 700, or brings an existing one to it. */
export function makePrivateDirectory(path: string): void {
  Deno.mkdirSync(path, { recursive: true, mode: 0o700 });
  if (((Deno.statSync(path).mode ?? 0) & 0o777) !== 0o700) Deno.chmodSync(path, 0o700);
}

/** Writes a file of mode 600 so that readers see the old content or the new, never a part. */
export function writePrivateFile(path: string, content: string): void {
  const draft = `${path}.${crypto.randomUUID()}.new`;
  try {
    const file = Deno.openSync(draft, { write: true, createNew: true, mode: 0o600 });
    try {
      const bytes = new TextEncoder().encode(content);
      for (let at = 0; at < bytes.length;) at += file.writeSync(bytes.subarray(at));
      file.syncSync();
    } finally {
      file.close();
    }
    Deno.renameSync(draft, path);
  } catch (error) {
    removeIfThere(draft);
    throw error;
  }
}

/** Removes a file; nothing happens where there is none. */
export function removeIfThere(path: string): void {
  try {
    Deno.removeSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

/**
 * Makes the data directory where it is missing and checks that it can be used.
 *
 * @returns its path with links resolved, as the workers' permissions need it
 * @throws {ExitError} one sentence that says why it cannot be used
 */
export function prepareDataDirectory(path: string): string {
  try {
    assertUnguarded(path, path);
    assertUnguarded(path, realStart(path));
    assertNotForeign(path);
    makePrivateDirectory(path);
    const real = Deno.realPathSync(path);
    assertUsable(real);
    return real;
  } catch (error) {
    if (error instanceof Deno.errors.AlreadyExists || error instanceof Deno.errors.NotADirectory) {
      throw failure(`The data directory ${path} cannot be used: a file is in its place`, error);
    }
    if (error instanceof Deno.errors.PermissionDenied) {
      throw failure(`The data directory ${path} is not writable for this user`, error);
    }
    if (error instanceof Deno.errors.NotCapable) {
      throw notPermitted(path, error);
    }
    if (error instanceof ExitError) throw error;
    throw failure(`The data directory ${path} cannot be used: ${reasonOf(error, null)}`, error);
  }
}

/** Permissions of Deno's are for paths, and links need them for where they lead as well. */
function notPermitted(path: string, cause: unknown): ExitError {
  const real = Deno.permissions.querySync({ name: "read", path }).state === "granted"
    ? Deno.realPathSync(path)
    : path;
  const paths = [...new Set([path, real])].join(",");
  return failure(
    `Deno was not permitted to read and write the data directory ${path}: ` +
      `start it with --allow-read=${paths} --allow-write=${paths}`,
    cause,
  );
}

/**
 * Makes sure that new files can be made in a directory, unless all that is missing is space, and
 * that they belong to its owner: what root leaves there is closed to a service user.
 */
function assertUsable(directory: string): void {
  const probe = join(directory, ".writable");
  try {
    writePrivateFile(probe, "");
    const [own, owner] = [probe, directory].map((path) => Deno.statSync(path).uid);
    removeIfThere(probe);
    if (own === owner) return;
    throw failure(
      `The data directory ${directory} belongs to user ${owner}, and this is user ${own}: start ` +
        `the server as that user, with "sudo -u '#${owner}'" before the command, or give the ` +
        `directory away first (chown -R ${own} ${directory})`,
    );
  } catch (error) {
    if (!isDiskFull(error)) throw error;
  }
}

/** Directories that a data directory may hold before its first start, beside those of ours. */
const HARMLESS = /^(\.|lost\+found$|reserve$|removed$|replaced-)/;
/** Foreign directories that an error names. */
const MAX_NAMED = 3;

/**
 * Makes sure that a directory with other content is not taken for a data directory: it would get
 * mode 700, and a typing error such as `--data /` would close a machine to all its users. Files that
 * an operator put there before the first start, such as a password file, are no other content.
 *
 * @throws {ExitError} where it holds other directories and no catalog
 */
export function assertNotForeign(directory: string): void {
  // A node whose accounts are in a database has logs and a lock, and no catalog.
  const isOurData = [[PLACES.catalog], [PLACES.lock, PLACES.logs]]
    .some((places) => places.every((place) => isThere(join(directory, place))));
  if (!isDirectory(directory) || isOurData) return;
  // A file that was being written when its program was killed has the name and a suffix.
  const isOurs = (name: string) =>
    Object.values(PLACES).some((place) => name === place || name.startsWith(`${place}.`));
  const foreign = Array.from(Deno.readDirSync(directory))
    .filter((entry) => entry.isDirectory && !isOurs(entry.name) && !HARMLESS.test(entry.name))
    .map(({ name }) => name);
  if (foreign.length === 0) return;
  const named = foreign.sort().slice(0, MAX_NAMED).map(quoted).join(", ");
  const more = foreign.length > MAX_NAMED ? ` and ${foreign.length - MAX_NAMED} more` : "";
  throw failure(
    `${directory} is no data directory: it holds ${named}${more} and no catalog. Choose an empty ` +
      "or a new directory with --data",
  );
}

/** Deno guards some places against everything but `--allow-all`, which we never ask for. */
function assertUnguarded(path: string, place: string): void {
  const guarded = /^\/(dev|proc|sys)\//.exec(`${place}/`);
  if (guarded === null) return;
  throw failure(`The data directory ${path} cannot lie in /${guarded[1]}: choose another`);
}
