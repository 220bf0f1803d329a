/** Sizes, times, checksums, versions (docs/protocol.md, "Files and directories"). */
import { compactTime } from "../../../common/time.ts";
import { command } from "../context/context.ts";
import { RequestError } from "../context/failure.ts";
import { fitting } from "../context/fitting.ts";
import { verificationInfo } from "../context/verification_info.ts";
import { toEntry } from "./files.ts";

/** The command `SIZE`. */
export const size = command({
  name: "SIZE",
  letters: "r",
  summary: "Returns a file's size in bytes.",
  reply: "OK 213 {size}",
  async run(context, { data }) {
    const path = context.resolve(data.filename);
    const info = await context.view.tree.describe(path);
    if (info.type === "directory") {
      throw new RequestError("IS_A_DIRECTORY", `"${path}" is a directory`);
    }
    return { code: 213, data: { size: info.size } };
  },
});

/** The command `MDTM`. */
export const modified = command({
  name: "MDTM",
  letters: "r",
  summary: "Returns a modification time.",
  reply: "OK 213 {mtime, mdtm}",
  async run(context, { data }) {
    const { mtimeMs } = await context.view.tree.describe(context.resolve(data.filename));
    return { code: 213, data: { mtime: mtimeMs, mdtm: compactTime(mtimeMs) } };
  },
});

/** The command `STAT`. */
export const stat = command({
  name: "STAT",
  letters: "r",
  summary: "Describes a file or directory; without a name, the connection.",
  reply: "OK 213 {filename, type, size, mtime, hash, version?, mode?, shared?, lock?}; " +
    "OK 211 {username, permissions, path, address, session_id, used, reserved, quota}",
  async run(context, { data }) {
    if (data.filename === undefined) {
      const { view } = context;
      const { usedBytes, reservedBytes, quotaBytes } = await view.account.usage();
      return {
        code: 211,
        data: {
          username: view.principal.account,
          permissions: await view.permissions.letters(),
          path: context.cwd,
          address: context.address,
          session_id: context.sessionId,
          used: usedBytes,
          reserved: reservedBytes,
          quota: quotaBytes,
        },
      };
    }
    const path = context.resolve(data.filename);
    const { name: _, ...entry } = toEntry(await context.view.tree.describe(path));
    return { code: 213, data: { filename: path, ...entry } };
  },
});

/** The command `HASH`. */
export const hash = command({
  name: "HASH",
  letters: "r",
  summary: "Returns a file's SHA-256.",
  reply: "OK 213 {filename, size, hash}",
  async run(context, { data }) {
    const { path, size, hash } = await context.view.tree.checksum(context.resolve(data.filename));
    return { code: 213, data: { filename: path, size, hash } };
  },
});

/** The command `MFMT`. */
export const setModified = command({
  name: "MFMT",
  letters: "w",
  summary: "Sets a modification time.",
  reply: "OK 213 {mtime}",
  async run(context, { data }) {
    const mtime = await context.view.tree.setModified(context.resolve(data.filename), data.mtime);
    return { code: 213, data: { mtime } };
  },
});

/** The command `VERSIONS`. */
export const versions = command({
  name: "VERSIONS",
  letters: "r",
  summary: "Lists the versions of a file, oldest first.",
  reply: "OK {versions: [{filename, version, size, mtime, hash}], truncated?}",
  async run(context, { data }) {
    const found = await context.view.tree.versions(context.resolve(data.filename));
    const { items, more } = await fitting(found, ({ path, version, info }) => ({
      filename: path,
      version,
      size: info.size,
      mtime: info.mtimeMs,
      hash: info.hash,
    }));
    return { data: { versions: items, ...(more ? { truncated: true } : {}) } };
  },
});

/** The command `WHY`. */
export const why = command({
  name: "WHY",
  letters: "",
  summary: "Names the rule that allows or denies each permission at a path.",
  reply: "OK {path, letters: [{letter, allowed, rule}]}",
  async run(context, { data }) {
    return { data: await context.view.permissions.why(context.resolve(data.path)) };
  },
});

/** Bytes of JSON for each of the two lists of a verification: both fit one frame. */
const NAMED_BYTES = 450 * 1024;

/** The command `VERIFY`. */
export const verify = command({
  name: "VERIFY",
  letters: "r",
  summary: "Reads every byte again and compares it with its checksum.",
  reply: "OK {files, bytes, damaged_files, damaged: [{filename, expected, actual}], left_out, " +
    "not_verified?: [{filename, reason}], truncated?}",
  async run(context, { data }) {
    const found = await context.view.tree.verify(context.resolve(data.path || "."));
    const { not_verified, truncated, ...rest } = await verificationInfo(found, NAMED_BYTES);
    return {
      data: {
        ...rest,
        ...(not_verified.length > 0 ? { not_verified } : {}),
        ...(truncated ? { truncated } : {}),
      },
    };
  },
});
