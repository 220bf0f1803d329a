/** What a tree at the server holds, for downloads. */
import { join } from "node:path";
import type { Client } from "./client.ts";
import { needWrite } from "./environment.ts";
import { ClientError, ExitCode } from "./error.ts";
import type { JournalFile, JournalSource } from "./journal.ts";
import { listRemote } from "./listing.ts";
import { isSafeRelative, remoteJoin } from "./local_path.ts";
import { quoted } from "./text.ts";

/**
 * The files of what was named, page by page; their directories are made here as they are listed.
 *
 * @throws {ClientError} where the server lists a name that must not be: before anything is written
 * for the page that has it
 */
export async function* listSources(
  client: Client,
  sources: JournalSource[],
): AsyncGenerator<JournalFile[]> {
  for (const { directory, ...file } of sources) {
    if (directory) yield* listTree(client, file.remote, file.local);
    else yield [file];
  }
}

async function* listTree(
  client: Client,
  remote: string,
  path: string,
): AsyncGenerator<JournalFile[]> {
  const seen = new Set<string>();
  needWrite(path);
  Deno.mkdirSync(path, { recursive: true });
  for await (const page of listRemote(client, remote, true)) {
    for (const { name } of page) {
      if (!isSafeRelative(name) || seen.has(name)) {
        throw new ClientError(
          `The server listed ${quoted(name)}, a name that must not be: the download was stopped`,
          { exitCode: ExitCode.failed, filename: name },
        );
      }
      seen.add(name);
    }
    const files: JournalFile[] = [];
    for (const { name, type, size, hash } of page) {
      const local = join(path, name);
      if (type === "directory") Deno.mkdirSync(local, { recursive: true });
      else files.push({ remote: remoteJoin(remote, name), local, size, hash: hash ?? undefined });
    }
    yield files;
  }
}
