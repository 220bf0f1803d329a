/** `restore BACKUP`: creates a data directory from a backup, and lists missing files. */
import { eachAccount } from "../../storage/common/each_account.ts";
import { programName } from "../../common/program_name.ts";
import { join } from "@std/path";
import { reasonOf } from "../../common/os_reason.ts";
import { DatabaseSync } from "node:sqlite";
import {
  assertNotForeign,
  isThere,
  makePrivateDirectory,
  PLACES,
  removeIfThere,
  writePrivateFile,
} from "../data/data_directory.ts";
import { holdDataDirectory } from "../data/data_lock.ts";
import { type DataPlace, openData } from "../data/open_data.ts";
import { printable } from "../../common/printable.ts";
import * as kinds from "../options/kinds.ts";
import { EXIT, ExitError, failure, messageOf } from "../options/error.ts";
import { holdsData, place, takenPlaces } from "./backup/placing.ts";
import { applyManifest, unpack, type Unpacked } from "./backup/unpack.ts";
import { auditedCommand } from "./audit.ts";
import { adminCommand } from "./command.ts";
import { giveAll, nearestOwner, ownerOf } from "./host/ownership.ts";

/** Files that are missing and named for each account; more are counted. */
const MAX_NAMED = 10;

const restore = adminCommand("restore", {
  flags: { replace: kinds.toggle },
  oneMachine: true,
  needsCatalog: false,
  async run({ data, options, resolve }, [operand = ""], { replace = false }) {
    const from = resolve(operand);
    assertThere(from);
    const owner = nearestOwner(data);
    assertNotForeign(data);
    makePrivateDirectory(data);
    using _lock = await holdDataDirectory(data);
    const draft = join(data, PLACES.draft);
    // Left by a killed run; this process holds the lock.
    if (isThere(draft)) Deno.removeSync(draft, { recursive: true });
    Deno.mkdirSync(draft, { mode: 0o700 });
    try {
      const unpacked = await unpack(from, draft);
      checkCatalog(join(draft, PLACES.catalog));
      const taken = takenPlaces(draft, data);
      if (taken.length > 0 && !replace) throw holdsData(data, taken);
      // No server starts before the end: it would serve half of the restored files, or none.
      writePrivateFile(join(data, PLACES.restoring), "");
      const event = { action: "restore", subject: from } as const;
      const result = await auditedCommand(data, event, async () => {
        const aside = place(draft, data, taken);
        if (unpacked.manifest !== undefined) applyManifest(data, unpacked.manifest);
        const foreign = giveAll(data, owner);
        return await outcome({ data, options }, unpacked, aside, foreign);
      });
      giveAll(join(data, PLACES.logs), owner); // what the audit log became
      removeIfThere(join(data, PLACES.restoring));
      return result;
    } catch (error) {
      if (error instanceof ExitError) throw error;
      throw failure(`The restore of ${operand} failed: ${reasonOf(error)}`, error);
    } finally {
      Deno.removeSync(draft, { recursive: true });
    }
  },
});

function assertThere(from: string): void {
  try {
    Deno.statSync(from);
  } catch (error) {
    throw new ExitError(
      EXIT.notFound,
      `The backup ${from} cannot be read: ${reasonOf(error, null)}`,
    );
  }
}

/** Checks the whole of a catalog. @throws {ExitError} where it is damaged */
function checkCatalog(file: string): void {
  let found: unknown;
  try {
    using database = new DatabaseSync(file);
    found = database.prepare("PRAGMA integrity_check(1)").get()?.integrity_check;
  } catch (error) {
    found = messageOf(error);
  }
  if (found !== "ok") throw failure(`The backup's catalog is damaged: ${found}`);
}

async function outcome(
  place: DataPlace,
  { manifest, damaged }: Unpacked,
  aside: string | undefined,
  foreign: string | undefined,
) {
  const lines: string[] = [];
  const missing: { username: string; count: number; filenames: string[] }[] = [];
  const { data } = place;
  const engine = await openData(place); // brings the catalog to this version
  const { catalog } = engine;
  try {
    const accounts = await Array.fromAsync(eachAccount(catalog));
    for (const { name } of accounts) {
      const filenames: string[] = [];
      let count = 0;
      for await (const { path } of engine.lostFiles(name, 0)) {
        if (count++ < MAX_NAMED) filenames.push(path);
      }
      if (count === 0) continue;
      missing.push({ username: name, count, filenames });
      lines.push(printable(`missing: ${name}: ${count} files: ${filenames.join(", ")}`));
    }
    for (const { name, object } of damaged) {
      const remedy = object && `: remove ${object}, and the next backup stores it again`;
      lines.push(printable(`damaged in the backup: ${name}${remedy ?? ""}`));
    }
    if (aside !== undefined) lines.push(`The replaced data is in ${aside}`);
    if (foreign !== undefined) {
      lines.push(`${foreign} does not belong to the directory's owner: run chown -R on ${data}`);
    }
    if (ownerOf(data)?.uid === 0) {
      lines.push(`It belongs to root: to serve it as another user, run chown -R USER ${data}`);
    }
    if (missing.length > 0 && manifest === undefined) {
      lines.push(`The backup holds no files: copy users/ back into ${data}, then run verify`);
    }
    if (await catalog.marks.get("authority") !== undefined && !isThere(join(data, PLACES.tls))) {
      lines.push(
        `The backup holds no certificate authority: copy tls/ back into ${data}, or run ` +
          `"${
            programName("admin")
          } tls renew-authority", after which clients must trust the server again`,
      );
    }
    const count = missing.reduce((sum, one) => sum + one.count, 0);
    lines.push(
      `Restored ${data}: ${accounts.length} accounts; missing files: ${count}` +
        (damaged.length > 0 ? `; damaged files: ${damaged.length}` : ""),
    );
    // Without files in the backup, these come from elsewhere, before or after.
    const whole = (count === 0 || manifest === undefined) && damaged.length === 0 &&
      foreign === undefined;
    return {
      text: lines.join("\n") + "\n",
      data: {
        data,
        accounts: accounts.length,
        missing,
        damaged: damaged.map(({ name }) => name),
        aside: aside ?? null,
      },
      exitCode: whole ? EXIT.done : EXIT.damage,
    };
  } finally {
    await engine.close();
  }
}

/** The commands that bring backups back. */
export const RESTORE_COMMANDS = [restore];
