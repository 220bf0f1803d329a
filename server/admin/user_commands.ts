/** `user add|list|remove|passwd|permit`. */
import type { Catalog } from "../../storage/catalog.ts";
import { LocalStore } from "../../storage/local/local_store.ts";
import { hashPassword, unmatchableHash } from "../auth/password.ts";
import { EXIT, ExitError } from "../options/error.ts";
import * as kinds from "../options/kinds.ts";
import { formatSize } from "../options/size.ts";
import * as shared from "./accounts.ts";
import { adminCommand } from "./command.ts";
import { newPassword } from "./new_password.ts";
import { table } from "./table_text.ts";

/** What an account may do where nothing else is said. */
const DEFAULT_LETTERS = "rwcd";

const add = adminCommand({
  name: "user add",
  operands: ["NAME"],
  flags: {
    "password-stdin": kinds.toggle,
    "permissions": shared.letters,
    "quota": kinds.orNone(kinds.size),
  },
  summary: "make an account",
  async run({ data, options, terminal }, [name = ""], flags) {
    shared.assertName(name);
    return await shared.withCatalog(data, async (catalog) => {
      const taken = new ExitError(EXIT.conflict, `There is an account "${name}" already`);
      // Asked before the password is: nobody types one for nothing.
      if (await catalog.account(name)) throw taken;
      const secret = await newPassword(terminal, name, flags["password-stdin"] ?? false);
      const letters = flags.permissions ?? DEFAULT_LETTERS;
      const added = await catalog.addAccount({
        name,
        passwordHash: await hashPassword(secret.password),
        letters,
        quotaBytes: flags.quota === undefined ? options.quota : flags.quota,
        createdMs: Date.now(),
        lastLoginMs: null,
        generation: Date.now(),
      });
      if (!added) throw taken;
      const store = new LocalStore(data);
      // A new account starts empty, whatever stands in its place.
      await store.removeAccount(name, { keepAside: true });
      await store.addAccount(name);
      const told = shared.tellPassword(secret);
      return {
        text: `The account "${name}" was made, permissions ${letters || "none"}\n${told.text}`,
        data: { username: name, permissions: letters, ...told.data },
      };
    });
  },
});

const list = adminCommand({
  name: "user list",
  operands: [],
  flags: {},
  summary: "list the accounts",
  async run({ data }) {
    const users = await shared.withCatalog(data, describeUsers);
    const time = (ms: number | null) => ms === null ? "never" : new Date(ms).toISOString();
    const rows = users.map((user) => [
      user.username,
      user.permissions || "none",
      formatSize(user.used),
      user.quota === null ? "none" : formatSize(user.quota),
      time(user.last_login),
    ]);
    return {
      text: table(["name", "permissions", "used", "quota", "last login"], rows),
      data: { users },
    };
  },
});

async function describeUsers(catalog: Catalog) {
  const users = [];
  for (const { name, letters, quotaBytes, lastLoginMs } of await catalog.accounts()) {
    const { usedBytes, reservedBytes } = await catalog.usage(name);
    users.push({
      username: name,
      role: letters.includes("t") ? "admin" : "user",
      permissions: letters,
      quota: quotaBytes,
      used: usedBytes,
      reserved: reservedBytes,
      last_login: lastLoginMs,
    });
  }
  return users;
}

const remove = adminCommand({
  name: "user remove",
  operands: ["NAME"],
  flags: {},
  summary: "remove an account; its files are kept aside in removed/",
  async run({ data }, [name = ""]) {
    await shared.withCatalog(data, async (catalog) => {
      const { generation } = await shared.existing(catalog, name);
      await shared.assertNotLastAdministrator(catalog, name);
      // In this order a crash leaves an account that nobody can use, and that can be removed again;
      // never files that a later account of the name would find.
      await catalog.updateAccount(name, {
        passwordHash: unmatchableHash(),
        letters: "",
        generation: generation + 1,
      });
      await new LocalStore(data).removeAccount(name, { keepAside: true });
      await catalog.removeAccount(name);
    });
    return {
      text: `The account "${name}" was removed; its files are kept in ${data}/removed\n`,
      data: { username: name },
    };
  },
});

const passwd = adminCommand({
  name: "user passwd",
  operands: ["NAME"],
  flags: { "password-stdin": kinds.toggle },
  summary: "give an account another password; its sessions end",
  async run({ data, terminal }, [name = ""], flags) {
    return await shared.withCatalog(data, async (catalog) => {
      await shared.existing(catalog, name);
      const secret = await newPassword(terminal, name, flags["password-stdin"] ?? false);
      const passwordHash = await hashPassword(secret.password);
      const { generation } = await shared.existing(catalog, name);
      await catalog.updateAccount(name, { passwordHash, generation: generation + 1 });
      const told = shared.tellPassword(secret);
      return {
        text: `The password of "${name}" was changed\n${told.text}`,
        data: { username: name, ...told.data },
      };
    });
  },
});

const permit = adminCommand({
  name: "user permit",
  operands: ["NAME", "LETTERS"],
  flags: {},
  summary: "give an account these permission letters and no others",
  async run({ data }, [name = "", text = ""]) {
    const letters = shared.readLetters(text);
    await shared.withCatalog(data, async (catalog) => {
      const account = await shared.existing(catalog, name);
      if (account.letters.includes("t") && !letters.includes("t")) {
        await shared.assertNotLastAdministrator(catalog, name);
      }
      await catalog.updateAccount(name, { letters });
    });
    return {
      text: `The account "${name}" has the permissions ${letters || "none"}\n`,
      data: { username: name, permissions: letters },
    };
  },
});

/** The commands on accounts. */
export const USER_COMMANDS = [add, list, remove, passwd, permit];
