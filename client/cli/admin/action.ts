/** An action of `client admin`: what it does; its words are in `common/admin/words.ts`. */
import type { Client } from "../../lib/connection/client.ts";
import { usageError } from "../../lib/common/error.ts";
import type { Context } from "../options/command.ts";

/** A request that is carried out with the login of an administrator. */
export type AdminAction = (context: Context, client: Client, operands: string[]) => Promise<void>;

/** Permissions as letters; `none` for none. @throws {ClientError} with exit code 2 */
export function lettersOf(text: string, option: string): string {
  if (text === "none") return "";
  if (/^[rwcdt]*$/.test(text)) return text;
  throw usageError(`${option} must be letters of rwcdt, or none, not "${text}"`);
}
