/** Unfinished uploads and files of all accounts, the server's state ("Administration"). */
import { statusInfo } from "../../door/status_info.ts";
import { setAsideInfo, uploadInfo } from "../../door/upload_info.ts";
import { command } from "../context/context.ts";
import { fitting } from "../context/fitting.ts";

/** Bytes of JSON for each of several lists of one reply: all fit one frame. */
const LIST_BYTES = 220 * 1024;

/** The command `UPLOADS`. */
export const listUploads = command({
  name: "UPLOADS",
  letters: "t",
  summary: "Lists the unfinished uploads of all accounts, latest first.",
  reply: "OK {parts: [{temp_id, username, owner, shown, filename, file_size, offset, updated, " +
    "expires, active}], set_aside: [{temp_id, username, bytes, expires}], truncated?}",
  async run({ view: { administration }, services: { vault } }) {
    const uploads = await administration.uploads();
    const aside = await administration.setAside();
    const { items: parts, more } = await fitting(uploads, uploadInfo, 3 * LIST_BYTES);
    const rest = await fitting(aside, (one) => setAsideInfo(one, vault.partTtlMs), LIST_BYTES);
    const truncated = more || rest.more;
    return { data: { parts, set_aside: rest.items, ...(truncated ? { truncated } : {}) } };
  },
});

/** The command `DROPU`. */
export const dropUpload = command({
  name: "DROPU",
  letters: "t",
  summary: "Drops an unfinished upload of any account.",
  reply: "OK {temp_id}",
  async run({ view }, { data: { temp_id } }) {
    await view.administration.dropUpload(temp_id);
    return { data: { temp_id } };
  },
});

/** The command `EXPIRE`. */
export const expireUploads = command({
  name: "EXPIRE",
  letters: "t",
  summary: "Removes unfinished uploads past their time, the server's or the one that is named.",
  reply: "OK {removed: [...], count, truncated?}",
  async run({ view }, { data: { ttl_ms } }) {
    const removed = await view.administration.expireUploads(ttl_ms);
    const { items, more } = await fitting(removed, (id) => id);
    return {
      data: { removed: items, count: removed.length, ...(more ? { truncated: true } : {}) },
    };
  },
});

/** The command `VERIFYU`. */
export const verifyUser = command({
  name: "VERIFYU",
  letters: "t",
  summary: "Reads every byte of an account again; accepts that files are lost, if this is asked.",
  reply: "OK {username, files, bytes, damaged_files, damaged: [{filename, expected, actual}], " +
    "findings: [{kind, filename, reason}], left_out, not_verified: [{filename, reason}], " +
    "forgotten: [{filename, size}], truncated?}",
  async run({ view }, { data: { username, forget_missing: forgetMissing = false } }) {
    const found = await view.administration.verify(username, { forgetMissing });
    const damaged = await fitting(found.damaged, (file) => file, LIST_BYTES);
    const findings = await fitting(found.findings, (one) => one, LIST_BYTES);
    const forgotten = await fitting(found.forgotten, (one) => one, LIST_BYTES);
    const named = await fitting(
      found.leftOut,
      ({ filename, reason }) => ({ filename, reason }),
      LIST_BYTES,
    );
    const truncated = damaged.items.length < found.damagedFiles ||
      [findings, forgotten].some(({ more }) => more);
    return {
      data: {
        username,
        files: found.files,
        bytes: found.bytes,
        damaged_files: found.damagedFiles,
        damaged: damaged.items,
        findings: findings.items,
        left_out: found.leftOutCount,
        not_verified: named.items,
        forgotten: forgotten.items,
        ...(truncated ? { truncated } : {}),
      },
    };
  },
});

/** The command `STATUS`. */
export const status = command({
  name: "STATUS",
  letters: "t",
  summary: "Shows the state of the server, and its accounts and files.",
  reply:
    "OK {version, uptime_ms, accounts, used, reserved, parts, received, set_aside, sessions, " +
    "disk, certificate_expires, troubles: [{part, reason}]}",
  async run({ view, services, serverInfo }) {
    return { data: { ...await statusInfo(view, services, serverInfo) } };
  },
});
