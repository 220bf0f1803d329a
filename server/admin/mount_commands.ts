/** `mount add`, `mount list`, `mount remove`: directories of the host in accounts' trees. */
import { join } from "@std/path";
import { mountLines } from "../../common/admin/tables.ts";
import { linesText } from "../../common/table.ts";
import { MOUNT_INTERNAL } from "../../storage/contract/mount.ts";
import { listMounts, mountsOf } from "../../storage/people/mounts.ts";
import { listedMount, mountInfo, newMount } from "../door/mount_info.ts";
import * as kinds from "../options/kinds.ts";
import { adminCommand, type AdminContext } from "./command.ts";
import * as shared from "./command_data.ts";
import { give, ownerOf } from "./host/ownership.ts";
import { followMounts } from "./running_server.ts";

/** Accounts, separated by commas. */
const guests: kinds.Kind<string[]> = {
  placeholder: "NAME,…",
  read: (text) => text.split(",").map((name) => name.trim()),
};

const add = adminCommand("mount add", {
  flags: {
    "accounts": guests,
    "permissions": kinds.text("LETTERS"),
    "quota": kinds.orNone(kinds.size),
  },
  audited: ([subject = "", value = ""]) => ({ action: "mount", subject, value }),
  async run(context, [name = "", directory = ""], { accounts, permissions, quota }) {
    const request = { name, directory: context.resolve(directory), accounts, permissions, quota };
    const made = await shared.onAccounts(
      context,
      (engine) => mountsOf(engine).add(newMount(request)),
    );
    giveInternal(context.data, made.directory);
    const since = await follow(context);
    return {
      text: `"${made.directory}" is mounted as "/${name}"${since}\n`,
      data: mountInfo(made),
    };
  },
});

const list = adminCommand("mount list", {
  flags: {},
  async run(context) {
    const mounts = (await shared.onAccounts(context, listMounts)).map(listedMount);
    const lines = mounts.length === 0
      ? ["Nothing is mounted"]
      : mountLines(mounts, context.terminal.columns);
    return { text: linesText(lines), data: { mounts } };
  },
});

const remove = adminCommand("mount remove", {
  flags: {},
  audited: ([subject = ""]) => ({ action: "unmount", subject }),
  async run(context, [name = ""]) {
    await shared.onAccounts(context, (engine) => mountsOf(engine).remove(name));
    await follow(context);
    return { text: `"/${name}" is no longer mounted; its files stay\n`, data: { name } };
  },
});

/** Gives what was made in a mounted directory for uploads to the user that the server runs as. */
function giveInternal(data: string, directory: string): void {
  const owner = ownerOf(data);
  const internal = join(directory, MOUNT_INTERNAL);
  for (const path of [internal, join(internal, "parts")]) {
    const maker = ownerOf(path);
    if (owner !== undefined && maker !== undefined && maker.uid !== owner.uid) {
      give(path, maker.uid, owner);
    }
  }
}

/** Has a running server follow; when its workers do, for a sentence. */
async function follow({ data, options }: AdminContext): Promise<string> {
  if (options.catalog !== null || !await followMounts(data)) return "";
  return "; the server follows: its workers were exchanged, and sessions end within 10 s";
}

/** The commands on mounts. */
export const MOUNT_COMMANDS = [add, list, remove];
