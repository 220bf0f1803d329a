/** Directories of the host in accounts' trees, for administrators (permission t). */
import * as v from "valibot";
import type { MountRecord } from "../../../storage/contract/mount.ts";
import { newMount } from "../../door/mount_info.ts";
import { route } from "./route.ts";
import { text, whole } from "./schemas.ts";

function mountInfo({ name, directory, letters, guests, quotaBytes, createdMs }: MountRecord) {
  return { name, directory, letters, accounts: guests, quotaBytes, createdMs };
}

/** The operation `GET /admin/mounts`. */
export const listMounts = route({
  name: "listMounts",
  method: "get",
  at: "/admin/mounts",
  letters: "t",
  summary: "Lists the mounts by name.",
  replies: {
    200: "{mounts: [{name, directory, letters, accounts, quotaBytes, createdMs, usedBytes, " +
      "reservedBytes, away}]}",
  },
  async run({ c, session: { view } }) {
    const mounts = (await view.mounts.list()).map((mount) => {
      const { usedBytes, reservedBytes, isAway } = mount;
      return { ...mountInfo(mount), usedBytes, reservedBytes, away: isAway };
    });
    return c.json({ mounts });
  },
});

/** The operation `POST /admin/mounts`. */
export const addMount = route({
  name: "addMount",
  method: "post",
  at: "/admin/mounts",
  letters: "t",
  summary: "Shows a directory of the server's machine as /NAME in the trees of accounts.",
  body: v.strictObject({
    name: text("Its name at the root"),
    directory: text("The directory, below one that --mount-root names"),
    accounts: v.exactOptional(
      v.array(text("Accounts and @groups that see it (default: *, all)")),
    ),
    letters: v.exactOptional(text("Permissions: r (default), or r with some of wcd")),
    quotaBytes: v.exactOptional(v.nullable(whole("Most bytes that it may hold; null: no limit"))),
  }),
  replies: { 201: "{name, directory, letters, accounts, quotaBytes, createdMs}" },
  async run({ c, session: { view }, body: { letters, quotaBytes, ...rest } }) {
    const wanted = newMount({ ...rest, permissions: letters, quota: quotaBytes });
    return c.json(mountInfo(await view.mounts.add(wanted)), 201);
  },
});

/** The operation `DELETE /admin/mounts/{path}`. */
export const removeMount = route({
  name: "removeMount",
  method: "delete",
  at: "/admin/mounts/{path}",
  letters: "t",
  summary: "Ends a mount, by its name; the files in its directory stay.",
  replies: { 204: "It is no longer mounted." },
  async run({ c, session: { view }, path }) {
    await view.mounts.remove(path.slice(1));
    return c.body(null, 204);
  },
});
