import type { Command } from "../../options/command.ts";
import { tableLines } from "../../../../common/table.ts";
import { showTime } from "../../terminal/show_time.ts";

/** `shares` */
export const shares: Command = {
  name: "shares",
  summary: "list shares of others with me, and my own",
  usage: "[--with-me] [--by-me]",
  options: [
    { name: "with-me", summary: "only what others share with me" },
    { name: "by-me", summary: "only what I share" },
  ],
  arguments: { least: 0, most: 0 },
  async run(context) {
    const { values, output } = context;
    const client = await context.client();
    const both = values.flag("with-me") === values.flag("by-me");
    const read = async (command: string): Promise<Record<string, unknown>[]> => {
      const data = await client.request(command, {}, "Cannot list the shares");
      return Array.isArray(data.shares) ? data.shares : [];
    };
    const withMe = both || values.flag("with-me") ? await read("SHWM") : [];
    const byMe = both || values.flag("by-me") ? await read("SHBY") : [];
    output.event("done", {
      shares: [
        ...withMe.map((one) => ({ direction: "with me", ...one })),
        ...byMe.map((one) => ({ direction: "by me", ...one })),
      ],
    });
    const rows = [
      ...withMe.map((one) => ["with me", one.path, byText(one), ...rights(one)]),
      ...byMe.map((one) => ["by me", one.filename, `to ${one.username}`, ...rights(one)]),
    ].map((row) => row.map(String));
    for (const line of tableLines(rows)) output.result(line);
    if (rows.length === 0) output.note("Nothing is shared.");
  },
};

function rights(share: Record<string, unknown>): string[] {
  const { permissions, expires } = share;
  return [String(permissions), typeof expires === "number" ? `until ${showTime(expires)}` : ""];
}

/** Whose share it is, and with which group. */
function byText({ owner, group }: Record<string, unknown>): string {
  return group === undefined ? `by ${owner}` : `by ${owner} with ${group}`;
}
