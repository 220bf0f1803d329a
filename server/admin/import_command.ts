/** `user import FILE`: makes an account of each line `user:password`. */
import { reasonOf } from "../../common/os_reason.ts";
import { hashPassword } from "../../common/secrets.ts";
import {
  accountExists,
  createAccount,
  DEFAULT_LETTERS,
} from "../../storage/people/account_changes.ts";
import { isStoreError } from "../../storage/contract/error.ts";
import type { Engine } from "../../storage/contract/engine.ts";
import * as kinds from "../options/kinds.ts";
import { EXIT, failure, messageOf } from "../options/error.ts";
import { nodeName } from "../data/cluster_access.ts";
import { auditEvent } from "./audit.ts";
import { adminCommand, type AdminContext } from "./command.ts";
import * as shared from "./command_data.ts";
import { type ImportLine, readImport } from "../../common/admin/import_lines.ts";

/** Passwords hashed at once: each takes about 0.3 s of a core and 32 MiB. */
const HASHES_AT_ONCE = 4;

/** Result for one line of the file. */
interface LineResult {
  /** Counted from 1. */
  line: number;
  /** Null where the line has no valid name: an invalid one may be a misplaced password. */
  username: string | null;
  /** Why there is no new account; null where it was made, or would be. */
  reason: string | null;
}

const importUsers = adminCommand("user import", {
  flags: {
    "permissions": shared.letters,
    "quota": kinds.orNone(kinds.size),
    "expires": shared.expiry,
    "dry-run": kinds.toggle,
  },
  async run(context, [file = ""], flags) {
    const { data, options } = context;
    const lines = readImport(await readText(context, file));
    if (lines.length === 0) throw failure(`${file} has no line user:password`);
    const permissions = flags.permissions ?? DEFAULT_LETTERS;
    const quotaBytes = flags.quota === undefined ? options.quota : flags.quota;
    const dryRun = flags["dry-run"] ?? false;
    const results = await shared.onAccounts(context, async (engine) => {
      const expiresMs = flags.expires ?? null;
      const to = { engine, data, node: nodeName(options), permissions, quotaBytes, expiresMs };
      return dryRun ? await tryLines(engine, lines) : await makeAccounts(to, lines);
    });
    return outcome(results, dryRun);
  },
});

async function readText({ resolve, terminal }: AdminContext, file: string): Promise<string> {
  if (file === "-") return await terminal.readAll();
  const path = resolve(file);
  try {
    return Deno.readTextFileSync(path);
  } catch (error) {
    throw failure(`The file of accounts cannot be read: ${reasonOf(error, path)}`, error);
  }
}

/** Result of a line without a change: undefined where its account can be made. */
async function refusal(
  { catalog }: Engine,
  { line, name, fault }: ImportLine,
): Promise<LineResult | undefined> {
  if (fault !== undefined) return { line, username: name ?? null, reason: fault };
  const exists = await catalog.account(name!) !== undefined;
  return exists ? { line, username: name!, reason: accountExists(name!).message } : undefined;
}

async function tryLines(engine: Engine, lines: readonly ImportLine[]): Promise<LineResult[]> {
  const results = [];
  for (const line of lines) {
    results.push(
      await refusal(engine, line) ?? { line: line.line, username: line.name!, reason: null },
    );
  }
  return results;
}

/** Where accounts are made, and with what. */
interface ImportTarget {
  engine: Engine;
  data: string;
  /** Name of the node, where several share the data. */
  node: string | undefined;
  permissions: string;
  quotaBytes: number | null;
  /** Null: never. */
  expiresMs: number | null;
}

/** Makes the accounts in their order. An error of the disk ends it: the rest is named as untried. */
async function makeAccounts(
  to: ImportTarget,
  lines: readonly ImportLine[],
): Promise<LineResult[]> {
  const results: LineResult[] = [];
  let failed = false;
  for (let at = 0; at < lines.length; at += HASHES_AT_ONCE) {
    const batch = lines.slice(at, at + HASHES_AT_ONCE);
    const refused = await Promise.all(batch.map((line) => refusal(to.engine, line)));
    const hashes = await Promise.all(
      batch.map((line, index) =>
        failed || refused[index] !== undefined ? undefined : hashPassword(line.password!)
      ),
    );
    for (const [index, { line, name }] of batch.entries()) {
      const before = refused[index];
      if (before !== undefined) results.push(before);
      else if (failed) results.push({ line, username: name!, reason: "not tried" });
      else {
        const made = await makeAccount(to, name!, hashes[index]!);
        failed = made.fatal;
        results.push({ line, username: name!, reason: made.reason });
      }
    }
  }
  return results;
}

async function makeAccount(
  { engine, data, node, permissions: letters, quotaBytes, expiresMs }: ImportTarget,
  name: string,
  passwordHash: string,
): Promise<{ reason: string | null; fatal: boolean }> {
  const event = { action: "account", subject: name, value: letters } as const;
  try {
    await createAccount(engine, { name, passwordHash, letters, quotaBytes, expiresMs });
    auditEvent(data, { ...event, result: "ok" }, node);
    return { reason: null, fatal: false };
  } catch (error) {
    auditEvent(data, { ...event, result: isStoreError(error) ? error.kind : "io" }, node);
    return { reason: messageOf(error), fatal: !isStoreError(error, "exists") };
  }
}

function outcome(results: readonly LineResult[], dryRun: boolean) {
  const made = results.filter(({ reason }) => reason === null).length;
  const refused = results.length - made;
  const done = dryRun ? "would be made" : "made";
  const lines = results.map(({ line, username, reason }) =>
    `line ${line}: ${username === null ? "" : `${username}: `}` +
    (reason === null ? done : `refused: ${reason}`)
  );
  lines.push(`Accounts ${done}: ${made}; lines refused: ${refused}`);
  return {
    text: lines.join("\n") + "\n",
    data: { lines: results, made, refused, dry_run: dryRun },
    exitCode: refused > 0 ? EXIT.someFailed : EXIT.done,
  };
}

/** The commands that import accounts. */
export const IMPORT_COMMANDS = [importUsers];
