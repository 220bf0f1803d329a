/** `user add|list|remove|passwd|permit|quota|disable|enable|expire`. */
import { eachAccount } from "../../storage/common/each_account.ts";
import {
  accountExists,
  changeValidity,
  createAccount,
  DEFAULT_LETTERS,
  noSuchAccount,
  removeAccount,
  replaceLetters,
} from "../../storage/people/account_changes.ts";
import type { Catalog, Validity } from "../../storage/contract/catalog.ts";
import { formatSize } from "../../common/size.ts";
import { limitsInfo } from "../door/restriction_info.ts";
import { groupNames, validityInfo } from "../door/account_info.ts";
import { hashPassword } from "../../common/secrets.ts";
import * as kinds from "../options/kinds.ts";
import * as shared from "./command_data.ts";
import { adminCommand, type AdminContext, type Outcome } from "./command.ts";
import { newPassword, PASSWORD_FLAGS } from "./new_password.ts";
import { userLines } from "../../common/admin/tables.ts";
import { validityText } from "../../common/admin/validity_text.ts";
import { linesText } from "../../common/table.ts";

const add = adminCommand("user add", {
  flags: {
    ...PASSWORD_FLAGS,
    "permissions": shared.letters,
    "quota": kinds.orNone(kinds.size),
    "expires": shared.expiry,
  },
  audited: ([subject = ""], { permissions }) => ({
    action: "account",
    subject,
    value: permissions ?? DEFAULT_LETTERS,
  }),
  async run(context, [name = ""], flags) {
    const { options } = context;
    shared.assertName(name);
    return await shared.onAccounts(context, async (engine) => {
      // Checked before the prompt: a person must not type a password that is then refused.
      if (await engine.catalog.account(name)) throw accountExists(name);
      const secret = await newPassword(context, name, flags);
      const letters = flags.permissions ?? DEFAULT_LETTERS;
      await createAccount(engine, {
        name,
        passwordHash: await hashPassword(secret.password),
        letters,
        quotaBytes: flags.quota === undefined ? options.quota : flags.quota,
        expiresMs: flags.expires ?? null,
      });
      const { text, data: shown, ...lost } = shared.formatPassword(secret, name);
      return {
        text: `The account "${name}" was made, permissions ${letters || "none"}\n${text}`,
        data: { username: name, permissions: letters, ...shown },
        ...lost,
      };
    });
  },
});

const list = adminCommand("user list", {
  flags: {},
  async run(context) {
    const users = await shared.withCatalog(context, describeUsers);
    return { text: linesText(userLines(users, context.terminal.columns)), data: { users } };
  },
});

async function describeUsers(catalog: Catalog) {
  const users = [];
  for await (const account of eachAccount(catalog)) {
    const { name, letters, quotaBytes, lastLoginMs } = account;
    const { usedBytes, reservedBytes } = await catalog.usage(name);
    users.push({
      username: name,
      role: letters.includes("t") ? "admin" : "user",
      permissions: letters,
      quota: quotaBytes,
      used: usedBytes,
      reserved: reservedBytes,
      last_login: lastLoginMs,
      ...validityInfo(account),
      groups: groupNames(account),
      limits: limitsInfo(await catalog.policy.limitsOf(name) ?? {}),
    });
  }
  return users;
}

const remove = adminCommand("user remove", {
  flags: { "delete-files": kinds.toggle },
  audited: ([subject = ""]) => ({ action: "remove-account", subject }),
  async run(context, [name = ""], { "delete-files": deletes = false }) {
    const { data } = context;
    await shared.onAccounts(
      context,
      (engine) => removeAccount(engine, name, { keepFiles: !deletes }),
    );
    const files = deletes ? "its files are deleted" : `its files are kept in ${data}/removed`;
    return {
      text: `The account "${name}" was removed; ${files}\n`,
      data: { username: name },
    };
  },
});

const passwd = adminCommand("user passwd", {
  flags: PASSWORD_FLAGS,
  audited: ([subject = ""]) => ({ action: "reset-password", subject }),
  async run(context, [name = ""], flags) {
    return await shared.onAccounts(context, async ({ catalog }) => {
      await shared.existing(catalog, name);
      const secret = await newPassword(context, name, flags);
      const hash = await hashPassword(secret.password);
      if (await catalog.setPassword(name, hash) === undefined) throw noSuchAccount(name);
      const { text, data: shown, ...lost } = shared.formatPassword(secret, name);
      return {
        text: `The password of "${name}" was changed\n${text}`,
        data: { username: name, ...shown },
        ...lost,
      };
    });
  },
});

const permit = adminCommand("user permit", {
  flags: {},
  audited: ([subject = "", value = ""]) => ({ action: "letters", subject, value }),
  async run(context, [name = "", text = ""]) {
    const letters = shared.readLetters(text);
    await shared.onAccounts(context, ({ catalog }) => replaceLetters(catalog, name, letters));
    return {
      text: `The account "${name}" has the permissions ${letters || "none"}\n`,
      data: { username: name, permissions: letters },
    };
  },
});

const quota = adminCommand("user quota", {
  flags: {},
  audited: ([subject = "", value = ""]) => ({ action: "quota", subject, value }),
  async run(context, [name = "", text = ""]) {
    const quotaBytes = shared.readQuota(text);
    await shared.onAccounts(context, async ({ catalog }) => {
      if (!await catalog.updateAccount(name, { quotaBytes })) throw noSuchAccount(name);
    });
    const shown = quotaBytes === null ? "no quota" : `the quota ${formatSize(quotaBytes)}`;
    return {
      text: `The account "${name}" has ${shown}\n`,
      data: { username: name, quota: quotaBytes },
    };
  },
});

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

/** The commands on accounts. */
export const USER_COMMANDS = [add, list, remove, passwd, permit, quota, disable, enable, expire];
