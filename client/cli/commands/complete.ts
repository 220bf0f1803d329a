import type { Command, Context } from "../options/command.ts";
import { listRemote } from "../../lib/listing.ts";
import { Client } from "../../lib/connection/client.ts";
import { localPath } from "../../lib/local/local_path.ts";
import { candidates } from "../completion/candidates.ts";
import { findCredentials } from "../options/credentials.ts";
import { destinationOf } from "../options/endpoint.ts";
import { profileNames } from "../options/logins.ts";
import type { Values } from "../options/options.ts";

/** Timeout of the server while a user waits for a completion. */
const TIMEOUT_MS = 3000;

/** `complete -- WORD…`: prints the candidates for the last word, one a line. */
export const complete: Command = {
  name: "complete",
  summary: "list candidates for the last word, for the scripts of completion",
  usage: "-- WORD...",
  options: [],
  arguments: { least: 1 },
  async run(context) {
    const lister = (values: Values) => (directory: string) => names(context, values, directory);
    const profiles = profileNames(context.config);
    for (const line of await candidates(context.args, await context.commands(), lister, profiles)) {
      context.output.result(line);
    }
  },
};

/** The names in a remote directory; those of directories end with a slash. None without a login. */
async function names(context: Context, values: Values, directory: string): Promise<string[]> {
  const ca = values.text("ca");
  try {
    const { endpoint, login } = destinationOf(values, context.config);
    const inner = { ...context, values, endpoint, login };
    const connecting = {
      ...context.connecting,
      ...(ca !== undefined && { caFile: localPath(ca) }),
      server: endpoint.name,
      retries: 0,
      timeoutMs: TIMEOUT_MS,
    };
    const credentials = await findCredentials(inner, true);
    const client = await Client.connect({ ...connecting, credentials });
    const found: string[] = [];
    for await (const page of listRemote(client, directory, false)) {
      found.push(...page.map(({ name, type }) => type === "directory" ? `${name}/` : name));
    }
    await client.close();
    return found;
  } catch {
    return []; // a key press is no place for an error
  }
}
