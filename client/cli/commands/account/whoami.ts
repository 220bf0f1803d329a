import type { Client } from "../../../lib/connection/client.ts";
import type { Command } from "../../options/command.ts";
import { formatSize } from "../../../../common/size.ts";
import { printable } from "../../../../common/printable.ts";

/** `whoami` */
export const whoami: Command = {
  name: "whoami",
  summary: "show the logged-in account, its server, permissions, usage and quota",
  usage: "",
  options: [],
  arguments: { least: 0, most: 0 },
  async run(context) {
    const client = await context.client();
    const server = client.endpoint.name;
    const profile = context.login.profile ?? null;
    const { username, permissions, role } = client.identity;
    const usage = await usageOf(client);
    context.output.event("done", { username, permissions, role, server, profile, ...usage });
    context.output.result(printable(username));
    context.output.note(
      printable(
        `${role} at ${server}${profile === null ? "" : ` (profile ${profile})`}, letters ${
          permissions || "none"
        }`,
      ),
    );
    if (usage === undefined) return;
    const { used, reserved, quota } = usage;
    const limit = quota === null ? "no quota" : `the quota is ${formatSize(quota)}`;
    const unfinished = reserved > 0 ? ` and ${formatSize(reserved)} for unfinished uploads` : "";
    context.output.note(`${formatSize(used)} used${unfinished}; ${limit}`);
  },
};

/** Bytes that an account uses and may use. */
interface AccountUsage {
  used: number;
  reserved: number;
  quota: number | null;
}

/** The account's usage; undefined if the server does not report it to this account. */
async function usageOf(client: Client): Promise<AccountUsage | undefined> {
  const { used, reserved, quota } = (await client.ask("STAT")).data;
  if (typeof used !== "number" || typeof reserved !== "number") return undefined;
  return { used, reserved, quota: typeof quota === "number" ? quota : null };
}
