/** `mount add`, `mount list`, `mount remove`: directories of the server's machine. */
import { outputColumns } from "../../../common/output_columns.ts";
import { mountLines } from "../../../common/admin/tables.ts";
import { quoted } from "../../../common/printable.ts";
import { done } from "./accounts.ts";
import type { AdminAction } from "./action.ts";

/** `mount add NAME DIRECTORY` */
export const mountAdd: AdminAction = async (context, client, [name = "", directory = ""]) => {
  const { values } = context;
  const made = await client.request(
    "MOUNT",
    {
      name,
      directory,
      accounts: values.text("accounts")?.split(",").map((guest) => guest.trim()),
      permissions: values.text("permissions"),
      quota: values.get("quota") as number | null | undefined,
    },
    `Cannot mount ${quoted(directory)}`,
  );
  const since = "; the server's workers are exchanged, and sessions end within 10 s";
  done(context, made, `${quoted(directory)} is mounted as "/${name}"${since}`);
};

/** `mount list` */
export const mountList: AdminAction = async ({ output }, client) => {
  const data = await client.request("MOUNTS", {}, "Cannot list the mounts");
  const found = (Array.isArray(data.mounts) ? data.mounts : []) as Record<string, unknown>[];
  output.event("done", { mounts: found });
  if (found.length === 0) output.note("Nothing is mounted.");
  else for (const line of mountLines(found, outputColumns())) output.result(line);
};

/** `mount remove NAME` */
export const mountRemove: AdminAction = async (context, client, [name = ""]) => {
  const ended = await client.request("UNMOUNT", { name }, `Cannot end the mount ${quoted(name)}`);
  done(context, ended, `"/${name}" is no longer mounted; its files stay`);
};
