import type { Client } from "../../../lib/connection/client.ts";
import type { Command, Context } from "../../options/command.ts";
import { ClientError } from "../../../lib/common/error.ts";
import { actionError } from "../../options/arguments.ts";
import { env } from "../../../lib/common/environment.ts";
import { findPassword } from "../../options/credentials.ts";
import { keptLogin } from "../../options/logins.ts";
import { duration } from "../../options/options.ts";
import { showTime } from "../../terminal/show_time.ts";
import { printable, quoted } from "../../../../common/printable.ts";
import { tableLines } from "../../../../common/table.ts";

/** `token create|list|revoke` */
export const token: Command = {
  name: "token",
  summary: "make, list and revoke tokens, which log in without the password",
  usage: "create | list | revoke ID",
  options: [
    { name: "label", value: "TEXT", summary: "its purpose, shown in lists" },
    { name: "ttl", value: "DUR", summary: "how long it is valid", parse: duration },
    { name: "permissions", value: "LETTERS", summary: "fewer letters than the account has" },
    { name: "path", value: "PATH", summary: "directory that it is confined to" },
  ],
  arguments: { least: 1, most: 2 },
  details:
    `create prints the token, this once: put it into TOWPATH_TOKEN. The password is needed to create and
to revoke one: after login it is asked for on a terminal, or read from --password-file or
TOWPATH_PASSWORD.`,
  examples: ["token create --label backup --permissions rw --path /backup --ttl 90d"],
  async run(context) {
    const [action, id] = context.args;
    if (action === "create" && id === undefined) return await create(context);
    if (action === "list" && id === undefined) return await list(context);
    if (action === "revoke" && id !== undefined) return await revoke(context, id);
    throw actionError(token, ["create", "list", "revoke"], context.args);
  },
};

async function create(context: Context): Promise<void> {
  const { values, output } = context;
  const client = await withPassword(context);
  const data = await client.request("TOKEN", {
    label: values.text("label"),
    ttl_ms: values.number("ttl"),
    permissions: values.text("permissions"),
    path: values.text("path"),
  }, "Cannot make a token");
  output.event("done", data);
  output.result(printable(String(data.token)));
  output.flush();
  if (output.failure !== undefined) await revokeLost(client, String(data.token_id), output.failure);
  const until = typeof data.expires === "number" ? `until ${showTime(data.expires)} UTC` : "";
  output.note(printable(`Token ${data.token_id} is valid ${until || "until it is revoked"}.`));
}

/**
 * Revokes a token whose secret could not be printed.
 *
 * @throws {ClientError} in every case: why it could not be printed
 */
async function revokeLost(client: Client, token_id: string, why: ClientError): Promise<never> {
  const action = `Cannot revoke the token ${quoted(token_id)}, whose secret could not be printed`;
  await client.request("REVOKE", { token_id }, action);
  throw new ClientError(`${why.message}. The token was revoked, make another one`, {
    exitCode: why.exitCode,
    cause: why,
  });
}

async function list(context: Context): Promise<void> {
  const client = await context.client();
  const data = await client.request("TOKENS", {}, "Cannot list the tokens");
  const tokens = (Array.isArray(data.tokens) ? data.tokens : []) as Record<string, unknown>[];
  context.output.event("done", { tokens });
  const rows = tokens.map((one) => [
    String(one.token_id),
    String(one.permissions),
    String(one.path ?? "/"),
    typeof one.expires === "number" ? `until ${showTime(one.expires)}` : "unlimited",
    one.last_used === null ? "never used" : `used ${showTime(one.last_used)}`,
    String(one.label ?? ""),
  ]);
  for (const line of tableLines(rows)) context.output.result(line);
}

async function revoke(context: Context, token_id: string): Promise<void> {
  const client = await withPassword(context);
  await client.request("REVOKE", { token_id }, `Cannot revoke the token ${quoted(token_id)}`);
  context.output.event("done", { token_id });
  context.output.result(printable(`Revoked ${token_id}`));
}

/** A session with the password: the kept login is a token, which can make and revoke none. */
async function withPassword(context: Context): Promise<Client> {
  const keepsToken = keptLogin(context.config, context.login)?.token !== undefined;
  if (env("TOWPATH_TOKEN") !== undefined || !keepsToken) return await context.client();
  return await context.client(await findPassword(context));
}
