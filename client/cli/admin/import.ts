/** `user import FILE`: makes an account of each line `user:password`. */
import { toText } from "@std/streams";
import { type ImportLine, readImport } from "../../../common/admin/import_lines.ts";
import { quoted } from "../../../common/printable.ts";
import type { Client } from "../../lib/connection/client.ts";
import { needRead } from "../../lib/common/environment.ts";
import { ClientError, ConnectionLost, ExitCode, localError } from "../../lib/common/error.ts";
import { localPath } from "../../lib/local/local_path.ts";
import type { Context } from "../options/command.ts";
import { addUser, expiresIn, listUsers } from "./accounts.ts";
import type { AdminAction } from "./action.ts";

/** Result for one line of the file, with the same members as `admin` on the data directory. */
interface LineResult {
  line: number;
  username: string | null;
  reason: string | null;
}

/** `user import FILE` */
export const userImport: AdminAction = async (context, client, [file = ""]) => {
  const { values, output } = context;
  const lines = readImport(await readText(file));
  if (lines.length === 0) throw new ClientError(`${quoted(file)} has no line user:password`);
  const dryRun = values.flag("dry-run");
  const results = dryRun
    ? await tryLines(client, lines)
    : await makeAccounts(context, client, lines);
  const refused = results.filter(({ reason }) => reason !== null).length;
  const made = results.length - refused;
  const done = dryRun ? "would be made" : "made";
  output.event("done", { lines: results, made, refused, dry_run: dryRun });
  for (const { line, username, reason } of results) {
    const name = username === null ? "" : `${username}: `;
    output.result(`line ${line}: ${name}${reason === null ? done : `refused: ${reason}`}`);
  }
  output.result(`Accounts ${done}: ${made}; lines refused: ${refused}`);
  if (refused === 0) return;
  throw new ClientError(`${refused} of ${results.length} lines were refused`, {
    exitCode: ExitCode.some,
  });
};

/** Why the server refused, without the words of the client. */
function refusalOf({ message }: ClientError): string {
  return message.replace(/^Cannot make the account "[^"]*": /, "");
}

async function readText(file: string): Promise<string> {
  if (file === "-") return await toText(Deno.stdin.readable);
  const path = localPath(file);
  needRead(path);
  try {
    return Deno.readTextFileSync(path);
  } catch (error) {
    throw localError(error, `Cannot read the file of accounts ${quoted(path)}`, path);
  }
}

async function tryLines(client: Client, lines: readonly ImportLine[]): Promise<LineResult[]> {
  const known = new Set((await listUsers(client)).map(({ username }) => username));
  return lines.map(({ line, name, fault }) => {
    const taken = name !== undefined && known.has(name);
    const reason = fault ?? (taken ? `There is an account "${name}" already` : null);
    return { line, username: name ?? null, reason };
  });
}

/** Makes the accounts in their order; a lost connection ends it, and its error names the line. */
async function makeAccounts(
  context: Context,
  client: Client,
  lines: readonly ImportLine[],
): Promise<LineResult[]> {
  const { values } = context;
  const permissions = values.text("permissions");
  const expires = expiresIn(context);
  const limit = values.get("quota") as number | null | undefined;
  const results: LineResult[] = [];
  for (const { line, name: username, password, fault } of lines) {
    let reason = fault ?? null;
    try {
      if (reason === null) {
        const account = { username: username!, password: password!, permissions, expires };
        await addUser(client, account, limit);
      }
    } catch (error) {
      if (!(error instanceof ClientError) || error instanceof ConnectionLost) throw error;
      reason = refusalOf(error);
    }
    results.push({ line, username: username ?? null, reason });
  }
  return results;
}
