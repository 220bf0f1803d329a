/** Directories of the host in accounts' trees (docs/protocol.md, "Administration"). */
import { listedMount, MOUNT_INFO, mountInfo, newMount } from "../../door/mount_info.ts";
import { command } from "../context/context.ts";
import { fitting } from "../context/fitting.ts";

/** The command `MOUNT`. */
export const mount = command({
  name: "MOUNT",
  letters: "t",
  summary: "Shows a directory of the server's machine as /NAME in the trees of accounts.",
  reply: "OK {name, directory, permissions, accounts, quota}",
  async run({ view }, { data }) {
    return { data: mountInfo(await view.mounts.add(newMount(data))) };
  },
});

/** The command `UNMOUNT`. */
export const unmount = command({
  name: "UNMOUNT",
  letters: "t",
  summary: "Ends a mount; the files in its directory stay.",
  reply: "OK {name}",
  async run({ view }, { data: { name } }) {
    await view.mounts.remove(name);
    return { data: { name } };
  },
});

/** The command `MOUNTS`. */
export const mounts = command({
  name: "MOUNTS",
  letters: "t",
  summary: "Lists the mounts by name.",
  reply: `OK {mounts: [${MOUNT_INFO}], truncated?}`,
  async run({ view }) {
    const { items: mounts, more } = await fitting(await view.mounts.list(), listedMount);
    return { data: { mounts, ...(more ? { truncated: true } : {}) } };
  },
});
