import type { Reply } from "../../../protocol/wire.ts";
import type { Command } from "../options/command.ts";
import { replyError, usageError } from "../../lib/common/error.ts";
import { jsonLine, quoted } from "../../../common/printable.ts";

/** `raw COMMAND [JSON]` */
export const raw: Command = {
  name: "raw",
  summary: "send one request of the protocol and print the reply",
  usage: "COMMAND [JSON]",
  options: [],
  arguments: { least: 1, most: 2 },
  details: "File data that a reply brings is left out. An upload is left at its first reply.",
  examples: [`raw FEAT`, `raw LIST '{"path": "/reports"}'`],
  async run(context) {
    const [command, text = "{}"] = context.args as [string, string?];
    const data = readData(text);
    const client = await context.client();
    const connection = await client.acquire();
    const uploads = /^(UPLOAD|STOR|APPE|RESUME)$/i.test(command);
    const first = Promise.withResolvers<Reply>();
    try {
      const final = connection.send(command, data, {
        onInterim(reply) {
          if (uploads) first.resolve(reply);
          else context.output.result(jsonLine(reply));
        },
        onData() {},
      }, { slow: true });
      await connection.flush();
      const reply = await Promise.race([final, first.promise]);
      context.output.result(jsonLine(reply));
      const { status, code } = reply;
      const worked = code < 400;
      if (!worked) throw replyError(reply, `The server answered ${quoted(command)} with ${status}`);
      context.output.event("done", { reply });
    } finally {
      client.release(connection);
    }
  },
};

function readData(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) {
      return value as Record<string, unknown>;
    }
  } catch {
    // Reported below.
  }
  throw usageError(`The data of a request must be a JSON object, not ${text}`);
}
