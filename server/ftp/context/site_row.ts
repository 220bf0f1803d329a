import type { Context } from "./context.ts";
import type { Reply } from "./reply.ts";

/** A row of the table of `SITE` commands. */
export interface SiteRow {
  readonly name: string;
  readonly letters: string;
  readonly syntax: string;
  readonly summary: string;
  run(context: Context, argument: string): Promise<Reply> | Reply;
}
