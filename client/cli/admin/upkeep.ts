/** Commands on the server's content: `verify`, `parts`, `status`. */
import { outputColumns } from "../../../common/output_columns.ts";
import { counted } from "../../../common/counted.ts";
import { formatDuration } from "../../../common/duration.ts";
import { FINDING_NAMES } from "../../../common/admin/finding_names.ts";
import { printable, quoted } from "../../../common/printable.ts";
import { type SharedStateData, sharedStateLines } from "../../../common/shared_state.ts";
import { formatSize } from "../../../common/size.ts";
import { ClientError, ExitCode } from "../../lib/common/error.ts";
import type { Client } from "../../lib/connection/client.ts";
import { showTime } from "../terminal/show_time.ts";
import { done, listUsers } from "./accounts.ts";
import type { AdminAction } from "./action.ts";
import { uploadLines } from "../../../common/admin/tables.ts";

type Entries = Record<string, unknown>[];

/** `verify [NAME]` */
export const verify: AdminAction = async ({ output, values }, client, [name]) => {
  const names = name === undefined ? (await listUsers(client)).map((one) => one.username) : [name];
  const sum = { files: 0, bytes: 0, left_out: 0 };
  const lists = { damaged: [] as Entries, findings: [] as Entries, forgotten: [] as Entries };
  const not_verified: Entries = [];
  for (const username of names) {
    const data = await client.request(
      "VERIFYU",
      { username, forget_missing: values.flag("forget-missing") },
      `Cannot verify the files of ${quoted(username)}`,
      { slow: true },
    );
    for (const key of ["files", "bytes", "left_out"] as const) sum[key] += Number(data[key]);
    const add = (to: Entries, from: unknown) => {
      for (const one of (Array.isArray(from) ? from : []) as Entries) to.push({ username, ...one });
    };
    for (const key of ["damaged", "findings", "forgotten"] as const) add(lists[key], data[key]);
    add(not_verified, data.not_verified);
  }
  output.event("done", { ...sum, ...lists, not_verified });
  const { damaged, findings, forgotten } = lists;
  const show = (line: string) => output.result(printable(line));
  for (const { username, filename } of damaged) show(`damaged: ${username} ${filename}`);
  for (const { kind, username, filename, reason } of findings) {
    const named = FINDING_NAMES[kind as keyof typeof FINDING_NAMES] ?? kind;
    show(`${named}: ${username} ${filename}: ${reason}`);
  }
  for (const { username, filename, size } of forgotten) {
    show(`forgotten: ${username} ${filename} (${formatSize(Number(size))})`);
  }
  for (const { username, filename, reason } of not_verified) {
    show(`left out: ${username} ${filename}: ${reason}`);
  }
  show(
    `Files: ${sum.files}, ${formatSize(sum.bytes)}; damaged: ${damaged.length}; ` +
      `other findings: ${findings.length}; left out: ${sum.left_out}` +
      (values.flag("forget-missing") ? `; forgotten: ${forgotten.length}` : ""),
  );
  const faults = damaged.length + findings.length;
  if (faults === 0) return;
  throw new ClientError(`${counted(faults, "problem")} of files at the server`, {
    exitCode: ExitCode.checksum,
    status: "CHECKSUM_FAILED",
  });
};

/** `parts` */
export const parts: AdminAction = async ({ output, values }, client) => {
  const removed = values.flag("expire") ? await expire(client, values.number("part-ttl")) : [];
  const data = await client.request("UPLOADS", {}, "Cannot list the unfinished uploads");
  const found = (Array.isArray(data.parts) ? data.parts : []) as Entries;
  const aside = (Array.isArray(data.set_aside) ? data.set_aside : []) as Entries;
  output.event("done", { parts: found, set_aside: aside, removed });
  if (found.length + aside.length === 0) output.note("There are no unfinished uploads.");
  else {for (const line of uploadLines(found, aside, undefined, outputColumns())) {
      output.result(line);
    }}
  if (values.flag("expire")) output.result(`Removed ${removed.length}`);
};

async function expire(client: Client, ttl_ms: number | undefined): Promise<unknown[]> {
  const data = await client.request("EXPIRE", { ttl_ms }, "Cannot remove unfinished uploads", {
    slow: true,
  });
  return Array.isArray(data.removed) ? data.removed : [];
}

/** `parts rm ID` */
export const partsRemove: AdminAction = async (context, client, [temp_id = ""]) => {
  await client.request(
    "DROPU",
    { temp_id },
    `Cannot drop the unfinished upload ${quoted(temp_id)}`,
  );
  done(context, { temp_id }, `The unfinished upload ${temp_id} was dropped`);
};

/** `status` */
export const status: AdminAction = async ({ output }, client) => {
  const data = await client.request("STATUS", {}, "Cannot show the state of the server");
  output.event("done", data);
  const size = (name: string) => formatSize(Number(data[name] ?? 0));
  const lines = [
    `Server           runs, version ${data.version}, ` +
    `for ${formatDuration(Number(data.uptime_ms))}`,
    `Sessions         ${data.sessions}`,
    `Accounts         ${data.accounts}, ${size("used")} in files`,
    `Unfinished       ${data.parts} uploads, ${size("received")} received`,
    `Set aside        ${size("set_aside")}`,
  ];
  const disk = data.disk as { free: number; total: number; state: string } | null | undefined;
  if (disk) {
    const low = disk.state === "low" ? "; too little: uploads are refused" : "";
    lines.push(`Disk             ${formatSize(disk.free)} free of ${formatSize(disk.total)}${low}`);
  }
  if (data.cluster) lines.push(...sharedStateLines(data.cluster as SharedStateData));
  if (typeof data.certificate_expires === "number") {
    lines.push(`Certificate      until ${showTime(data.certificate_expires)} UTC`);
  }
  const troubles = (Array.isArray(data.troubles) ? data.troubles : []) as Entries;
  for (const { part, reason } of troubles) lines.push(`In trouble       ${part}: ${reason}`);
  for (const line of lines) output.result(printable(line));
};
