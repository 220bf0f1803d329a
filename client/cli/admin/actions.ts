/**
 * Actions of `admin`, each with one request of the protocol (docs/protocol.md, "Administration").
 */
import type { Client } from "../../lib/connection/client.ts";
import type { Context } from "../options/command.ts";
import { newPassword } from "../options/new_password.ts";
import { showTime } from "../terminal/show_time.ts";
import { printable, quoted } from "../../../common/printable.ts";
import { formatSize } from "../../../common/size.ts";
import { tableLines } from "../../../common/table.ts";
import { parseSize } from "../terminal/units.ts";

/** One action; on a data directory the program `admin` has the same words. */
export interface AdminAction {
  /** Its name and arguments; those in brackets may be left out. */
  usage: string;
  summary: string;
  run(context: Context, client: Client, args: string[]): Promise<void>;
}

/** An action of one request, whose data becomes the `done` event. */
function single(
  usage: string,
  summary: string,
  command: string,
  action: (name: string) => string,
  dataOf: (args: string[], context: Context) => Promise<Record<string, unknown>>,
): AdminAction {
  return {
    usage,
    summary,
    async run(context, client, args) {
      const data = await dataOf(args, context);
      const reply = await client.request(command, data, `Cannot ${action(quoted(args[0]!))}`);
      const { password: _, ...shown } = data;
      const { message: __, ...facts } = reply;
      context.output.event("done", { ...shown, ...facts });
    },
  };
}

async function users({ output }: Context, client: Client): Promise<void> {
  const found: Record<string, unknown>[] = [];
  let cursor: unknown;
  do {
    const data = await client.request("USERS", { cursor }, "Cannot list the accounts");
    const page = (Array.isArray(data.users) ? data.users : []) as Record<string, unknown>[];
    found.push(...page);
    cursor = page.length > 0 ? data.cursor : undefined;
  } while (cursor !== undefined);
  output.event("done", { users: found });
  const rows = found.map((one) => [
    String(one.username),
    String(one.permissions),
    formatSize(Number(one.used)),
    typeof one.quota === "number" ? `of ${formatSize(one.quota)}` : "no quota",
    one.last_login === null ? "never" : showTime(one.last_login),
  ]);
  for (const line of tableLines(rows, { right: [2] })) output.result(line);
}

async function who({ output }: Context, client: Client): Promise<void> {
  const data = await client.request("WHO", {}, "Cannot list the sessions");
  const sessions = (Array.isArray(data.sessions) ? data.sessions : []) as Record<string, unknown>[];
  output.event("done", { sessions });
  const rows = sessions.map((one) => {
    const { session_id, username, door, address, since, node } = one;
    const where = node === undefined ? door : `${door} at ${node}`;
    const transfer = one.transfer as Record<string, unknown> | undefined;
    const doing = transfer === undefined || transfer === null
      ? ""
      : `${transfer.direction} ${transfer.filename} at ${formatSize(Number(transfer.offset))}`;
    return [session_id, username ?? "-", where, address, showTime(since), doing].map(String);
  });
  for (const line of tableLines(rows)) output.result(line);
}

async function logs({ output, values }: Context, client: Client, args: string[]): Promise<void> {
  const data = await client.request("LOGS", {
    name: args[0] ?? "server",
    lines: values.number("lines"),
    level: values.text("level"),
    contains: values.text("contains"),
  }, "Cannot read the log");
  const lines = Array.isArray(data.lines) ? data.lines : [];
  output.event("done", { lines });
  for (const line of lines) {
    output.result(printable(typeof line === "string" ? line : JSON.stringify(line)));
  }
}

/** Every action, in the order of the help. */
export const ADMIN_ACTIONS: readonly AdminAction[] = [
  { usage: "user list", summary: "list the accounts", run: users },
  single(
    "user add NAME",
    "make an account",
    "ADDU",
    (name) => `make the account ${name}`,
    async ([username], { values }) => ({
      username,
      password: await newPassword(values, username!),
      permissions: values.text("permissions"),
      quota: values.number("quota"),
    }),
  ),
  single(
    "user remove NAME",
    "remove an account with its sessions, tokens and shares",
    "DELU",
    (name) => `remove the account ${name}`,
    ([username], { values }) =>
      Promise.resolve({ username, keep_files: !values.flag("delete-files") }),
  ),
  single(
    "user permit NAME LETTERS",
    "give it these permissions and no others",
    "TRANS",
    (name) => `change the letters of ${name}`,
    ([username, letters]) =>
      Promise.resolve({ username, permissions: letters === "none" ? "" : letters }),
  ),
  single(
    "user quota NAME SIZE",
    "quota in bytes, or none for no limit",
    "QUOTA",
    (name) => `change the quota of ${name}`,
    ([username, most]) =>
      Promise.resolve({
        username,
        bytes: most === "none" ? null : most === "0" ? 0 : parseSize(most!, "The quota"),
      }),
  ),
  single(
    "user passwd NAME",
    "give it another password; its sessions and tokens end",
    "RESETPW",
    (name) => `change the password of ${name}`,
    async ([username], { values }) => ({
      username,
      password: await newPassword(values, username!),
    }),
  ),
  { usage: "who", summary: "list the sessions, and what they transfer", run: who },
  single(
    "kick ID",
    "end a session",
    "KICK",
    (name) => `end the session ${name}`,
    ([session_id]) => Promise.resolve({ session_id }),
  ),
  { usage: "logs [NAME]", summary: "show server, audit or web log", run: logs },
];

/** The words of an action, without its operands: `user add`. */
export function wordsOf({ usage }: AdminAction): string[] {
  return usage.split(" ").filter((word) => /^[a-z]+$/.test(word));
}

/**
 * The action that a command line names. The word `user` may be left out, and `users` lists them.
 *
 * @returns the action with its operands; undefined if there is none of that name
 */
export function findAction(
  given: readonly string[],
): { action: AdminAction; operands: string[] } | undefined {
  const [first, ...rest] = given;
  const full = first === "users" ? ["user", "list", ...rest] : ["user", ...given];
  for (const args of [given, full]) {
    for (const action of ADMIN_ACTIONS) {
      const words = wordsOf(action);
      if (words.every((word, index) => args[index] === word)) {
        return { action, operands: args.slice(words.length) };
      }
    }
  }
  return undefined;
}
