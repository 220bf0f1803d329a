/** `user disable|enable|expire`. */
import { validityText } from "../../common/admin/validity_text.ts";
import type { Validity } from "../../storage/contract/catalog.ts";
import { changeValidity } from "../../storage/people/account_changes.ts";
import { validityInfo } from "../door/account_info.ts";
import * as shared from "./command_data.ts";
import { adminCommand, type AdminContext, type Outcome } from "./command.ts";

const disable = adminCommand("user disable", {
  flags: {},
  audited: ([subject = ""]) => ({ action: "disable", subject }),
  run: (context, [name = ""]) => change(context, name, { disabled: true }),
});

const enable = adminCommand("user enable", {
  flags: { "expires": shared.expiry },
  audited: ([subject = ""], { expires }) => ({
    action: "enable",
    subject,
    ...(expires === undefined ? {} : { value: expires }),
  }),
  run: (context, [name = ""], { expires }) =>
    change(context, name, {
      disabled: false,
      ...(expires === undefined ? {} : { expiresMs: expires }),
    }),
});

const expire = adminCommand("user expire", {
  flags: {},
  audited: ([subject = "", value = ""]) => ({ action: "expiry", subject, value }),
  run: (context, [name = "", text = ""]) =>
    change(context, name, { expiresMs: shared.readExpiry(text) }),
});

async function change(
  context: AdminContext,
  name: string,
  validity: Partial<Validity>,
): Promise<Outcome> {
  const now = await shared.onAccounts(
    context,
    ({ catalog }) => changeValidity(catalog, name, validity),
  );
  const info = validityInfo(now);
  return {
    text: `The account "${name}" ${validityText(info)}\n`,
    data: { username: name, ...info },
  };
}

/** The commands on whether an account may be used. */
export const VALIDITY_COMMANDS = [disable, enable, expire];
