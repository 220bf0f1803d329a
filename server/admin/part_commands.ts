/** `parts`, `parts rm`: unfinished uploads. */
import { eachOf } from "../../storage/common/each_page.ts";
import type { UploadRecord } from "../../storage/contract/upload_record.ts";
import { clock } from "../../storage/contract/clock.ts";
import { resumeClock } from "../../storage/common/clock_marks.ts";
import { failure } from "../options/error.ts";
import * as kinds from "../options/kinds.ts";
import { adminCommand } from "./command.ts";
import { onVault } from "./command_data.ts";
import { uploadLines } from "../../common/admin/tables.ts";
import { linesText } from "../../common/table.ts";
import { setAsideInfo, uploadInfo } from "../door/upload_info.ts";

const parts = adminCommand("parts", {
  flags: { "expire": kinds.toggle, "part-ttl": kinds.duration },
  audited: (_operands, { expire }) => expire ? { action: "expire-uploads" } : undefined,
  async run({ data, options, terminal }, _operands, flags) {
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
      const shown = before.map((record) => ({
        ...uploadInfo({
          record,
          offset: record.offsetBytes,
          expiresMs: record.updatedMs + partTtlMs,
          active: record.holder !== null,
        }),
        removed: removed.has(record.id),
      }));
      const setAside = aside.map((one) => ({
        ...setAsideInfo(one, partTtlMs),
        removed: removed.has(one.id),
      }));
      const count = shown.length + setAside.length;
      const lines = count === 0
        ? ["There are no unfinished uploads"]
        : uploadLines(shown, setAside, removed, terminal.columns);
      if (flags.expire) lines.push(`Removed ${removed.size} of ${count}`);
      return { text: linesText(lines), data: { parts: shown, set_aside: setAside } };
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
