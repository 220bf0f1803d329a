/** `kept`, `kept rm`, `kept restore`: files of removed accounts that several nodes keep. */
import { join } from "@std/path";
import { counted } from "../../common/counted.ts";
import { formatSize } from "../../common/size.ts";
import { tableText } from "../../common/table.ts";
import type { KeptTrees } from "../../storage/contract/engine.ts";
import type { DataPlace } from "../data/open_data.ts";
import { usageError } from "../options/error.ts";
import { adminCommand } from "./command.ts";
import { onAccounts } from "./command_data.ts";

/** Does something with the trees. @throws {ExitError} where they are directories of this machine */
function onKept<T>(place: DataPlace, work: (kept: KeptTrees) => Promise<T>): Promise<T> {
  return onAccounts(place, ({ kept }) => {
    if (kept !== undefined) return work(kept);
    const directory = join(place.data, "removed");
    throw usageError(
      `The files of removed accounts are in ${directory}: move or delete them there`,
    );
  });
}

const list = adminCommand("kept", {
  flags: {},
  async run({ data, options }) {
    const kept = await onKept({ data, options }, (kept) => kept.list());
    const rows = kept.map(({ id, name, removedMs, files, bytes }) => [
      ...[id, name, new Date(removedMs).toISOString()],
      ...[counted(files, "file"), formatSize(bytes)],
    ]);
    const text = rows.length === 0
      ? "No files of removed accounts are kept\n"
      : tableText(rows, { headings: ["ID", "Account", "Removed", "Files", "Size"] });
    const trees = kept.map(({ removedMs, ...tree }) => ({ ...tree, removed: removedMs }));
    return { text, data: { kept: trees } };
  },
});

const remove = adminCommand("kept rm", {
  flags: {},
  audited: ([subject = ""]) => ({ action: "delete-kept", subject: subject.slice(0, 64) }),
  async run({ data, options }, [id = ""]) {
    await onKept({ data, options }, (kept) => kept.remove(id));
    return { text: `The files ${id} are deleted\n`, data: { id } };
  },
});

const restore = adminCommand("kept restore", {
  flags: {},
  audited: ([id = "", subject = ""]) => ({
    action: "restore-kept",
    subject: subject.slice(0, 64),
    value: id.slice(0, 64),
  }),
  async run({ data, options }, [id = "", name = ""]) {
    await onKept({ data, options }, (kept) => kept.restore(id, name));
    return {
      text: `The files ${id} are a directory of ${name} now\n`,
      data: { id, account: name },
    };
  },
});

/** Commands on the files of removed accounts. */
export const KEPT_COMMANDS = [list, remove, restore];
