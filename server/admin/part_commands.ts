/** `parts`, `parts rm`: unfinished uploads. */
import { eachOf } from "../../storage/common/each_page.ts";
import type { UploadRecord } from "../../storage/contract/upload_record.ts";
import { clock } from "../../storage/contract/clock.ts";
import { resumeClock } from "../../storage/common/clock_marks.ts";
import { formatSize } from "../../common/size.ts";
import { tableText } from "../../common/table.ts";
import { failure } from "../options/error.ts";
import * as kinds from "../options/kinds.ts";
import { adminCommand } from "./command.ts";
import { onVault } from "./command_data.ts";

const parts = adminCommand("parts", {
  flags: { "expire": kinds.toggle, "part-ttl": kinds.duration },
  audited: (_operands, { expire }) => expire ? { action: "expire-uploads" } : undefined,
  async run({ data, options }, _operands, flags) {
    const partTtlMs = flags["part-ttl"] ?? options["part-ttl"];
    const place = { data, options: { ...options, "part-ttl": partTtlMs } };
    return await onVault(place, async (vault, engine) => {
      await resumeClock(engine.catalog);
      if (flags.expire && clock.removal() === undefined) {
        throw failure(`Nothing was removed, as ${clock.trouble()}`);
      }
      const uploads = eachOf<UploadRecord>((page) => engine.parts.list({ by: "all" }, page));
      const before = await Array.fromAsync(uploads);
      const aside = await Array.fromAsync(engine.setAside());
      const removed = new Set(flags.expire ? await vault.expireUploads() : []);
      const shown = before.map((upload) => ({
        temp_id: upload.id,
        username: upload.account,
        owner: upload.owner,
        shown: upload.shownPath,
        filename: upload.path,
        file_size: upload.sizeBytes,
        offset: upload.offsetBytes,
        updated: upload.updatedMs,
        expires: upload.updatedMs + partTtlMs,
        removed: removed.has(upload.id),
      }));
      const setAside = aside.map(({ id, owner, bytes, atMs }) => ({
        temp_id: id,
        username: owner,
        bytes,
        expires: atMs + partTtlMs,
        removed: removed.has(id),
      }));
      const end = (part: { removed: boolean; expires: number }) =>
        part.removed ? "removed" : new Date(part.expires).toISOString();
      const rows = shown.map((part) => [
        part.temp_id,
        part.username,
        part.shown,
        `${formatSize(part.offset)} of ${
          part.file_size === null ? "?" : formatSize(part.file_size)
        }`,
        end(part),
      ]);
      for (const part of setAside) {
        const size = formatSize(part.bytes);
        rows.push([
          part.temp_id,
          part.username,
          "(set aside: of no known upload)",
          size,
          end(part),
        ]);
      }
      const headings = ["id", "account", "file", "safe", "expires"];
      return {
        text: (rows.length === 0
          ? "There are no unfinished uploads\n"
          : tableText(rows, { headings })) +
          (flags.expire ? `Removed ${removed.size} of ${rows.length}\n` : ""),
        data: { parts: shown, set_aside: setAside },
      };
    });
  },
});

const remove = adminCommand("parts rm", {
  flags: {},
  audited: ([subject = ""]) => ({ action: "drop-upload", subject: subject.slice(0, 64) }),
  async run({ data, options }, [id = ""]) {
    await onVault({ data, options }, (vault) => vault.dropUpload(id));
    return { text: `The unfinished upload ${id} was dropped\n`, data: { temp_id: id } };
  },
});

/** The commands on unfinished uploads. */
export const PART_COMMANDS = [parts, remove];
