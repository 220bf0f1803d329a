/** The commands of `admin` on a data directory of their own, in this process. */
import { join } from "@std/path";
import { assertEquals } from "@std/assert";
import { runAdmin } from "../../server/admin/run.ts";
import type { Terminal } from "../../server/admin/terminal.ts";
import { LocalStore } from "../../storage/disk/files/local_store.ts";
import { SqliteCatalog } from "../../storage/disk/sqlite_catalog.ts";
import { sha256 } from "./raw_client.ts";

/** A terminal that answers questions one after the other; without answers it is none. */
export function terminalWith(input: string, answers: (string | undefined)[] = []): Terminal {
  return {
    interactive: answers.length > 0,
    readAll: () => Promise.resolve(input),
    askSecret: () => Promise.resolve(answers.shift()),
  };
}

/** A data directory and the commands on it. */
export interface AdminBench {
  data: string;
  store: LocalStore;
  catalog: SqliteCatalog;
  /** Runs a command line with `--json`. */
  run(line: string, terminal?: Terminal): Promise<{ exitCode: number; data: Json }>;
  /** Runs a command line that is to be refused; its exit code and sentence. */
  refused(line: string, terminal?: Terminal): Promise<[number, string]>;
}
/** Output of a command. */
// deno-lint-ignore no-explicit-any
export type Json = any;

/** A data directory with the accounts `admin` (letter t) and `bob`. */
export async function withData(work: (bench: AdminBench) => Promise<void>): Promise<void> {
  const data = Deno.realPathSync(Deno.makeTempDirSync());
  const catalog = SqliteCatalog.open(join(data, "catalog.db"), { durability: "relaxed" });
  const store = new LocalStore(data);
  for (const [name, letters] of [["admin", "rwcdt"], ["bob", "rw"]] as const) {
    await catalog.addAccount({
      name,
      passwordHash: "none",
      letters,
      quotaBytes: null,
      createdMs: 0,
      lastLoginMs: null,
      generation: 1,
    });
    await store.addAccount(name);
  }
  const start = (line: string, terminal: Terminal) =>
    runAdmin({
      args: [...line.split(" ").filter(Boolean), "--data", data],
      variable: () => undefined,
      directory: data,
    }, terminal);
  try {
    await work({
      data,
      store,
      catalog,
      async run(line, terminal = terminalWith("")) {
        const { stdout, exitCode } = await start(`${line} --json`, terminal);
        assertEquals(stdout.indexOf("\n"), stdout.length - 1);
        return { exitCode, data: JSON.parse(stdout) };
      },
      async refused(line, terminal = terminalWith("")) {
        try {
          await start(line, terminal);
        } catch (error) {
          const { exitCode, message } = error as Error & { exitCode: number };
          return [exitCode, message];
        }
        throw new Error(`accepted: ${line}`);
      },
    });
  } finally {
    await catalog.close();
    Deno.removeSync(data, { recursive: true });
  }
}

/** Puts a file that the catalog knows. */
export async function putFile(
  { data, catalog }: AdminBench,
  owner: string,
  name: string,
  content: string,
) {
  const place = join(data, "users", owner[0]!, owner, "files", name);
  Deno.writeTextFileSync(place, content);
  const mtimeMs = 1_700_000_000_000;
  Deno.utimeSync(place, new Date(mtimeMs), new Date(mtimeMs));
  await catalog.noteFile(owner, `/${name}`, {
    size: content.length,
    mtimeMs,
    hash: sha256("content"),
    storedMs: 0,
    damaged: false,
  });
  return place;
}
