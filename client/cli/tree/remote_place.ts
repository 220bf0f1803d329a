import type { Client } from "../../lib/connection/client.ts";
import { replyError } from "../../lib/common/error.ts";
import { remoteBase, remoteJoin } from "../../lib/local/local_path.ts";
import { quoted } from "../../../common/printable.ts";

/** Finds the type of a remote path: a file, a directory, or missing. */
export async function remoteType(
  client: Client,
  path: string,
): Promise<"file" | "directory" | undefined> {
  const reply = await client.ask("STAT", { filename: path });
  if (reply.status === "OK") return reply.data.type === "directory" ? "directory" : "file";
  if (reply.status === "FILE_NOT_FOUND" || reply.status === "NOT_A_DIRECTORY") return undefined;
  // An account that may only write cannot check; the upload itself will report an error.
  if (reply.status === "PERMISSION_DENIED") return undefined;
  throw replyError(reply, `Cannot read ${quoted(path)}`, path);
}

/** Where `mv` and `cp` put `from`: into `to` where that is a directory or ends with a slash. */
export async function remoteTarget(client: Client, from: string, to: string): Promise<string> {
  if (to.endsWith("/")) return remoteJoin(to, remoteBase(from));
  return await remoteType(client, to) === "directory" ? remoteJoin(to, remoteBase(from)) : to;
}
