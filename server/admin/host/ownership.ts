/**
 * Whose the files are that `admin` makes. The server runs as the owner of the data directory; what
 * root left there would be closed to it, so what root makes there is given to that owner.
 */
import { dirname, join } from "@std/path";
import { lchownSync } from "node:fs";
import { isThere, PLACES, removeIfThere } from "../../data/data_directory.ts";
import { EXIT, ExitError, messageOf } from "../../options/error.ts";

/** A user and a group by their numbers. */
export interface Owner {
  uid: number;
  gid: number;
}

/** The owner of a file or directory, links not followed; undefined where there is nothing. */
export function ownerOf(path: string): Owner | undefined {
  try {
    const { uid, gid } = Deno.lstatSync(path);
    return uid === null || gid === null ? undefined : { uid, gid };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/**
 * Runs a command on a data directory and gives the new files there to the directory's owner.
 *
 * @throws {ExitError} where this process may not: nothing was done then
 */
export async function asOwner<T>(data: string, run: () => Promise<T>): Promise<T> {
  const owner = ownerOf(data);
  const maker = owner && probe(data, owner);
  if (owner === undefined || maker === undefined || maker === owner.uid) return await run();
  try {
    return await run();
  } finally {
    for (const path of madePlaces(data)) give(path, maker, owner);
  }
}

/**
 * Finds the owner of a new file in a directory: this process's user, unless the file system
 * decides.
 *
 * @returns undefined where the disk is too full to create a file
 */
function probe(data: string, owner: Owner): number | undefined {
  const place = join(data, `.owner.${crypto.randomUUID()}.new`);
  try {
    Deno.openSync(place, { write: true, createNew: true, mode: 0o600 }).close();
    const maker = ownerOf(place)!.uid;
    if (maker !== owner.uid) lchownSync(place, owner.uid, owner.gid);
    return maker;
  } catch (error) {
    if (!(error instanceof Deno.errors.PermissionDenied)) return undefined;
    throw new ExitError(
      EXIT.denied,
      `The data directory ${data} belongs to user ${owner.uid}: run admin as that user, ` +
        `with "sudo -u '#${owner.uid}'" before the command`,
      { cause: error },
    );
  } finally {
    removeIfThere(place);
  }
}

/**
 * Paths of files that commands create, by their fixed names: as root, directories that another user
 * may fill with links are not searched.
 */
function* madePlaces(data: string): Generator<string> {
  const { catalog, logs, tls, users, config } = PLACES;
  for (const name of [catalog, `${catalog}-wal`, `${catalog}-shm`, logs, tls, users, config]) {
    yield join(data, name);
  }
  for (const name of ["ca.pem", "ca.key", "server.pem", "server.key"]) yield join(data, tls, name);
  for (const name of ["server.log", "audit.log", "web.log"]) yield join(data, logs, name);
  yield join(data, "removed");
  yield join(data, "reserve");
  for (const letter of directoriesIn(join(data, users))) {
    yield letter;
    for (const account of directoriesIn(letter)) {
      yield account;
      for (const name of ["files", "parts", "aside"]) yield join(account, name);
    }
  }
}

function directoriesIn(path: string): string[] {
  try {
    if (!Deno.lstatSync(path).isDirectory) return [];
    return [...Deno.readDirSync(path)]
      .filter(({ isDirectory }) => isDirectory).map(({ name }) => join(path, name));
  } catch {
    return []; // not there, or not for this process: then nothing was made in it either
  }
}

/** Gives a file or directory of this process to the owner; one with several names stays. */
export function give(path: string, maker: number, owner: Owner): void {
  try {
    const info = Deno.lstatSync(path);
    if (info.uid !== maker || info.isSymlink || (info.isFile && (info.nlink ?? 1) > 1)) return;
    lchownSync(path, owner.uid, owner.gid);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return;
    console.error(
      `towpath: ${path} belongs to user ${maker} and could not be given to user ${owner.uid} ` +
        `(${messageOf(error)}): run "chown ${owner.uid}:${owner.gid} ${path}"`,
    );
  }
}

/** The owner of the nearest directory at or above a path. */
export function nearestOwner(path: string): Owner | undefined {
  for (let at = path;; at = dirname(at)) {
    const owner = ownerOf(at);
    if (owner !== undefined || at === dirname(at)) return owner;
  }
}

/** Gives all of a data directory to its owner. @returns the first that could not be given */
export function giveAll(data: string, owner: Owner | undefined): string | undefined {
  if (owner === undefined || !isThere(data)) return undefined;
  let foreign: string | undefined;
  const waiting = [data];
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
    const info = Deno.lstatSync(at);
    if (info.uid !== owner.uid) {
      try {
        lchownSync(at, owner.uid, owner.gid);
      } catch {
        foreign ??= at;
      }
    }
    if (!info.isDirectory) continue;
    for (const { name } of Deno.readDirSync(at)) waiting.push(join(at, name));
  }
  return foreign;
}
