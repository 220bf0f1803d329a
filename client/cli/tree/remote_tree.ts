/** Files of trees at the server, for downloads. */
import { join } from "@std/path";
import type { Client } from "../../lib/connection/client.ts";
import { needWrite } from "../../lib/common/environment.ts";
import { ClientError, ExitCode, localError } from "../../lib/common/error.ts";
import type { JournalFile, JournalSource } from "./journal.ts";
import { listRemote } from "../../lib/listing.ts";
import { isSafeRelative, remoteJoin } from "../../lib/local/local_path.ts";
import { lstat } from "../../lib/local/part_file.ts";
import { directoryModeToMake, toldMode } from "../../lib/local/carried_mode.ts";
import { makeLocal } from "./private_directories.ts";
import { isInPart, looksLikePart } from "../../lib/local/part_name.ts";
import { TakenPlaces } from "./same_target.ts";
import { quoted } from "../../../common/printable.ts";

/** A server that lists more names that must not be is not listened to any longer. */
const MAX_BAD_NAMES = 1000;

/**
 * Lists the files of the arguments, page by page; their directories are created here as they are
 * listed.
 *
 * @param onFailed called for each forbidden name, and for each directory that the server could not
 * list or that cannot be created here: nothing is written for them, and all else continues
 * @param onSkipped called with the path of each entry that has the name of a temporary file: here it
 * would be taken for that of another download
 */
export async function* listSources(
  client: Client,
  sources: JournalSource[],
  onFailed: (error: ClientError) => void,
  onSkipped: (remote: string) => void,
): AsyncGenerator<JournalFile[]> {
  const taken = sources.length > 1 ? new TakenPlaces() : undefined;
  const firsts = (files: JournalFile[]): JournalFile[] => {
    if (taken === undefined) return files; // names in one tree differ
    const failures: ClientError[] = [];
    const place = ({ local, remote }: JournalFile) => ({ place: local, source: remote });
    const first = taken.firsts(files, place, failures);
    failures.forEach(onFailed);
    return first;
  };
  for (const { directory, ...file } of sources) {
    if (!directory) yield firsts([file]);
    else {
      const pages = listTree(client, file.remote, file.local, onFailed, onSkipped);
      for await (const page of pages) yield firsts(page);
    }
  }
}

async function* listTree(
  client: Client,
  remote: string,
  path: string,
  onFailed: (error: ClientError) => void,
  onSkipped: (remote: string) => void,
): AsyncGenerator<JournalFile[]> {
  const seen = new Set<string>();
  let bad = 0;
  const isGood = (name: string): boolean => {
    if (isSafeRelative(name) && !seen.has(name)) {
      seen.add(name);
      return true;
    }
    const error = new ClientError(
      `The server listed ${quoted(name)}, a name that must not be: it was not downloaded`,
      { exitCode: ExitCode.failed, filename: name },
    );
    if (++bad > MAX_BAD_NAMES) throw error;
    onFailed(error);
    return false;
  };
  const blocked = new Set<string>();
  const make = (name: string, told: unknown): void => {
    const mode = directoryModeToMake(toldMode(told), client.chmod);
    if (mode !== undefined) makeLocal(join(path, name), mode);
    try {
      makeDirectory(join(path, name), remoteJoin(remote, name));
    } catch (error) {
      blocked.add(name);
      onFailed(localError(error, `Cannot make the directory ${quoted(join(path, name))}`));
    }
  };
  needWrite(path);
  make("", (await client.ask("STAT", { filename: remote })).data.mode);
  if (blocked.size > 0) return;
  const pages = listRemote(client, remote, true, ({ name, reason }) => {
    const filename = remoteJoin(remote, name);
    onFailed(new ClientError(`Cannot list ${quoted(filename)}: ${reason}`, { filename }));
  });
  for await (const page of pages) {
    const files: JournalFile[] = [];
    for (const { name, type, size, hash, mode } of page) {
      if (!isGood(name) || isBelow(name, blocked)) continue;
      if (isInPart(name)) {
        if (looksLikePart(name)) onSkipped(remoteJoin(remote, name));
        continue;
      }
      const local = join(path, name);
      if (type === "directory") make(name, mode);
      else files.push({ remote: remoteJoin(remote, name), local, size, hash: hash ?? undefined });
    }
    yield files;
  }
}

/** @throws {ClientError} with exit code 8 where something else has the name */
function makeDirectory(path: string, remote: string): void {
  try {
    Deno.mkdirSync(path, { recursive: true });
  } catch (error) {
    const { isDirectory = true } = lstat(path) ?? {};
    if (isDirectory) throw error;
    throw new ClientError(
      `Cannot download ${quoted(remote)} to ${quoted(path)}: a file is there. Move it away`,
      { exitCode: ExitCode.conflict, filename: path },
    );
  }
}

function isBelow(name: string, directories: Set<string>): boolean {
  if (directories.size === 0) return false;
  for (let end = name.lastIndexOf("/"); end > 0; end = name.lastIndexOf("/", end - 1)) {
    if (directories.has(name.slice(0, end))) return true;
  }
  return false;
}
