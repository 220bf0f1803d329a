/** Unfinished uploads and files of all accounts, the server's state ("Administration"). */
import { STATUS_INFO, statusInfo } from "../../door/status_info.ts";
import { SET_ASIDE_INFO, setAsideInfo, UPLOAD_INFO, uploadInfo } from "../../door/upload_info.ts";
import { command } from "../context/context.ts";
import { fitting } from "../context/fitting.ts";
import { verificationInfo } from "../context/verification_info.ts";

/** Bytes of JSON for each of several lists of one reply: all fit one frame. */
const LIST_BYTES = 220 * 1024;

/** The command `UPLOADS`. */
export const listUploads = command({
  name: "UPLOADS",
  letters: "t",
  summary: "Lists the unfinished uploads of all accounts, latest first.",
  reply: `OK {parts: [${UPLOAD_INFO}], set_aside: [${SET_ASIDE_INFO}], truncated?}`,
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
    const { truncated: damagedCut, ...rest } = await verificationInfo(found, LIST_BYTES);
    const findings = await fitting(found.findings, (one) => one, LIST_BYTES);
    const forgotten = await fitting(found.forgotten, (one) => one, LIST_BYTES);
    const truncated = damagedCut || findings.more || forgotten.more;
    return {
      data: {
        username,
        ...rest,
        findings: findings.items,
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
  reply: `OK ${STATUS_INFO}`,
  async run({ view, services, serverInfo }) {
    return { data: { ...await statusInfo(view, services, serverInfo) } };
  },
});
