/** Files and directories (docs/protocol.md, "Files and directories"). */
import type { ListEntry } from "../../../protocol/mod.ts";
import type { FileInfo } from "../../../storage/tree/seen_tree.ts";
import { command, type Context } from "../context/context.ts";
import { RequestError } from "../context/failure.ts";

/** The command `LIST`. */
export const list = command({
  name: "LIST",
  letters: "r",
  summary: "Lists a directory, in pages.",
  reply: "OK {path, entries: [{name, type, size, mtime, hash, version?, mode?, shared?, lock?}], " +
    "cursor?, left_out?: [{name, reason}]}",
  async run(context, { data }) {
    const page = await context.view.tree.list(context.resolve(data.path || "."), {
      recursive: data.recursive ?? false,
      ...(data.limit === undefined ? {} : { limit: data.limit }),
      ...(data.cursor === undefined ? {} : { cursor: data.cursor }),
    });
    const { path, entries, cursor, leftOut } = page;
    return {
      data: {
        path,
        entries: entries.map(toEntry),
        ...(cursor ? { cursor } : {}),
        ...(leftOut ? { left_out: leftOut } : {}),
      },
    };
  },
});

/** The command `NLST`. */
export const nameList = command({
  name: "NLST",
  letters: "r",
  summary: "Lists the names in a directory, in pages.",
  reply: "OK {path, names, cursor?}",
  async run(context, { data }) {
    const { path, entries, cursor } = await context.view.tree.list(
      context.resolve(data.path || "."),
      {
        recursive: data.recursive ?? false,
        limit: data.limit ?? 10_000,
        ...(data.cursor === undefined ? {} : { cursor: data.cursor }),
      },
    );
    const names = entries.map(({ name }) => name);
    return { data: { path, names, ...(cursor ? { cursor } : {}) } };
  },
});

/** The command `PWD`. */
export const printDirectory = command({
  name: "PWD",
  letters: "r",
  summary: "Returns the current directory.",
  reply: "OK 257 {path}",
  async run(context) {
    await context.view.permissions.require("r");
    return { code: 257, data: { path: context.cwd } };
  },
});

/** The command `CWD`. */
export const changeDirectory = command({
  name: "CWD",
  letters: "r",
  summary: "Changes the current directory.",
  reply: "OK 250 {path}",
  run: (context, { data }) => changeTo(context, context.resolve(data.path)),
});

/** The command `CDUP`. */
export const changeUp = command({
  name: "CDUP",
  letters: "r",
  summary: "Changes to the directory above.",
  reply: "OK 250 {path}",
  async run(context) {
    await context.view.permissions.require("r");
    return await changeTo(context, context.resolve(".."));
  },
});

/** The command `MKD`. */
export const makeDirectory = command({
  name: "MKD",
  letters: "c",
  summary: "Makes a directory, with make_dirs also those above it.",
  reply: "OK 257 {path}",
  async run(context, { data }) {
    const path = await context.view.tree.makeDirectory(context.resolve(data.path), {
      parents: data.make_dirs ?? false,
      mode: data.mode,
    });
    return { code: 257, data: { path } };
  },
});

/** The command `RMD`. */
export const removeDirectory = command({
  name: "RMD",
  letters: "d",
  summary: "Removes a directory, with recursive and all that is in it.",
  reply: "OK 250",
  async run(context, { data }) {
    const recursive = data.recursive ?? false;
    await context.view.tree.removeDirectory(context.resolve(data.path), { recursive });
    return { code: 250, data: {} };
  },
});

/** The command `DELE`. */
export const remove = command({
  name: "DELE",
  letters: "d",
  summary: "Removes a file.",
  reply: "OK 250",
  async run(context, { data }) {
    await context.view.tree.remove(context.resolve(data.filename));
    return { code: 250, data: {} };
  },
});

/** The command `RNFR`. */
export const renameFrom = command({
  name: "RNFR",
  letters: "dw",
  summary: "Names what RNTO will rename.",
  reply: "OK 350",
  async run(context, { data }) {
    context.renameFrom = await context.view.tree.checkRenameSource(context.resolve(data.filename));
    return { code: 350, data: { message: "Send the new name with RNTO" } };
  },
});

/** The command `RNTO`. */
export const renameTo = command({
  name: "RNTO",
  letters: "dw",
  summary: "Renames what RNFR named.",
  reply: "OK 250 {filename}",
  async run(context, { data }) {
    await context.view.permissions.require("dw");
    const from = context.renameFrom;
    context.renameFrom = undefined;
    if (from === undefined) throw new RequestError("BAD_SEQUENCE", "RNTO comes after RNFR");
    const filename = await context.view.tree.rename(from, context.resolve(data.filename));
    return { code: 250, data: { filename } };
  },
});

/** The command `RENAME`. */
export const rename = command({
  name: "RENAME",
  letters: "dw",
  summary: "Renames a file or directory; with overwrite a file may replace another.",
  reply: "OK 250 {filename}",
  async run(context, { data }) {
    const { view } = context;
    const filename = await view.tree.rename(context.resolve(data.from), context.resolve(data.to), {
      overwrite: data.overwrite ?? false,
    });
    return { code: 250, data: { filename } };
  },
});

/** The command `COPY`. */
export const copy = command({
  name: "COPY",
  letters: "rw",
  summary: "Copies a file.",
  reply: "OK 250 {filename, size, hash, version}",
  async run(context, { data }) {
    const { view } = context;
    const { path, committed } = await view.tree.copy(
      context.resolve(data.from),
      context.resolve(data.to),
      data.if_exists === undefined ? {} : { ifExists: data.if_exists },
    );
    if (committed === undefined) return { code: 250, data: { filename: path, skipped: true } };
    const { size, hash, version } = committed;
    return { code: 250, data: { filename: path, size, hash, version } };
  },
});

/** An entry as the wire has it. */
export function toEntry(info: FileInfo): ListEntry {
  const { name, type, size, mtimeMs, hash, version, mode, shared, lock } = info;
  const entry: ListEntry = { name, type, size, mtime: mtimeMs, hash };
  if (version !== undefined) entry.version = version;
  if (mode !== undefined) entry.mode = mode;
  if (shared !== undefined) entry.shared = shared;
  if (lock !== undefined) entry.lock = { by: lock.by, until: lock.untilMs };
  return entry;
}

async function changeTo(context: Context, path: string) {
  await context.view.tree.describe(path); // checks the permission
  await context.view.tree.enterDirectory(path);
  context.cwd = path;
  return { code: 250, data: { path } };
}
