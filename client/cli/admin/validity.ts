/** Whether accounts may be used: `user disable|enable|expire`. */
import { validityText } from "../../../common/admin/validity_text.ts";
import { quoted } from "../../../common/printable.ts";
import type { Client } from "../../lib/connection/client.ts";
import type { Context } from "../options/command.ts";
import { done } from "./accounts.ts";
import type { AdminAction } from "./action.ts";
import { expiry } from "./options.ts";

/** `user disable NAME` */
export const userDisable: AdminAction = (context, client, [username = ""]) =>
  change(context, client, username, { disabled: true });

/** `user enable NAME` */
export const userEnable: AdminAction = (context, client, [username = ""]) =>
  change(context, client, username, { disabled: false, expires: context.values.get("expires") });

/** `user expire NAME WHEN` */
export const userExpire: AdminAction = (context, client, [username = "", text = ""]) =>
  change(context, client, username, { expires: expiry(text, "WHEN") });

async function change(
  context: Context,
  client: Client,
  username: string,
  validity: Record<string, unknown>,
): Promise<void> {
  const action = `Cannot change the account ${quoted(username)}`;
  const { disabled, expires } = await client.request("VALID", { username, ...validity }, action);
  const now = { disabled, expires };
  const line = `The account ${quoted(username)} ${validityText(now)}`;
  done(context, { username, ...now }, line);
}
