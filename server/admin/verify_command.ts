/** `verify [NAME]`: reads every byte again against its checksum. */
import { eachAccount } from "../../storage/common/each_account.ts";
import { FINDING_NAMES } from "../../common/admin/finding_names.ts";
import { formatSize } from "../../common/size.ts";
import type { FileRecord } from "../../storage/contract/catalog.ts";
import { placeOfFiles } from "../../storage/open_engine.ts";
import type { Engine } from "../../storage/contract/engine.ts";
import { isMountOwner } from "../../storage/contract/mount.ts";
import { Vault } from "../../storage/vault.ts";
import { openData } from "../data/open_data.ts";
import { printable } from "../../common/printable.ts";
import { EXIT } from "../options/error.ts";
import * as kinds from "../options/kinds.ts";
import { existing } from "./command_data.ts";
import { nodeName } from "../data/cluster_access.ts";
import { auditEvent } from "./audit.ts";
import { adminCommand } from "./command.ts";
import { type AccountFinding, foreignFiles, foreignPlaces } from "./host/foreign_files.ts";

const verify = adminCommand("verify", {
  flags: { "forget-missing": kinds.toggle },
  audited: ([subject]) => ({ action: "verify", ...(subject === undefined ? {} : { subject }) }),
  async run({ data, options }, [name], { "forget-missing": forgets = false }) {
    const engine = await openData({ data, options }, { durability: options.durability });
    const { catalog, tree } = engine;
    const vault = await Vault.open({ engine, recover: false });
    try {
      const sinceMs = await catalog.marks.get("compared") ?? 0;
      const accounts = name === undefined
        ? [...await Array.fromAsync(eachAccount(catalog)), ...await mountOwners(engine)]
        : [await existing(catalog, name)];
      const sum = { files: 0, bytes: 0, leftOut: 0 };
      const notVerified = [];
      const forgotten: { username: string; filename: string; size: number }[] = [];
      const damaged = [];
      const findings: AccountFinding[] = [...foreignPlaces(data)];
      for (const account of accounts) {
        const { name: username } = account;
        const onForgotten = (path: string, bytes: number) =>
          auditEvent(data, {
            action: "forget-file",
            result: "ok",
            subject: username,
            paths: [path],
            bytes,
          }, nodeName(options));
        const found = await vault.verifyAccount(username, forgets ? onForgotten : undefined);
        sum.files += found.files;
        sum.bytes += found.bytes;
        sum.leftOut += found.leftOutCount;
        for (const one of found.findings) findings.push({ username, ...one });
        for (const one of found.forgotten) forgotten.push({ username, ...one });
        // In a mount every file is other programs' to make.
        const foreign = isMountOwner(username) ? [] : foreignFiles(data, username);
        for (const one of foreign) findings.push(one);
        notVerified.push(...found.leftOut.map((one) => ({ username: account.name, ...one })));
        for (const file of found.damaged) {
          const record = (await tree.look(account.name, file.filename))?.record;
          damaged.push({ username: account.name, ...file, ...earlierUpload(record, sinceMs) });
        }
      }
      const lines = damaged.map(({ username, filename, size, storedMs }) =>
        `damaged: ${username} ${printable(filename)}` +
        (storedMs === undefined ? "" : ` (${formatSize(size!)}, stored ${isoTime(storedMs)})`)
      );
      if (damaged.some(({ storedMs }) => storedMs !== undefined)) lines.push(EARLIER_FAULT);
      for (const { kind, username, filename, reason } of findings) {
        lines.push(printable(`${FINDING_NAMES[kind]}: ${username ?? "-"} ${filename}: ${reason}`));
      }
      for (const { username, filename, size } of forgotten) {
        lines.push(printable(`forgotten: ${username} ${filename} (${formatSize(size)})`));
      }
      for (const { username, filename, reason } of notVerified) {
        lines.push(printable(`left out: ${username} ${filename}: ${reason}`));
      }
      const more = sum.leftOut - notVerified.length;
      if (more > 0) lines.push(`left out: ${more} more, not named`);
      const odd = new Set(notVerified.filter((one) => one.notUtf8).map((one) => one.username));
      const renames = [...odd].filter((username) => !isMountOwner(username)).map((username) =>
        `${CONVMV} ${shellWord(placeOfFiles(data, username))}`
      );
      for (const command of renames) lines.push(`${NOT_UTF8} ${command}`);
      const counts: Record<string, number> = {};
      for (const kind of Object.keys(FINDING_NAMES) as (keyof typeof FINDING_NAMES)[]) {
        counts[kind] = findings.filter((one) => one.kind === kind).length;
      }
      const others = Object.entries(counts).filter(([, count]) => count > 0)
        .map(([kind, count]) => `; ${FINDING_NAMES[kind as keyof typeof FINDING_NAMES]}: ${count}`);
      lines.push(
        `Files: ${sum.files}, ${formatSize(sum.bytes)}; damaged: ${damaged.length}` +
          `${others.join("")}; left out: ${sum.leftOut}` +
          (forgets ? `; forgotten: ${forgotten.length}` : ""),
      );
      const sound = damaged.length === 0 && findings.length === 0;
      return {
        text: lines.join("\n") + "\n",
        data: { ...sum, damaged, findings, counts, forgotten, notVerified, renames },
        exitCode: sound ? EXIT.done : EXIT.damage,
      };
    } finally {
      await vault.close();
    }
  },
});

/** The owners of mounts, which are verified as accounts are. */
async function mountOwners({ catalog }: Engine): Promise<{ name: string }[]> {
  return (await catalog.mounts?.all() ?? []).map(({ owner }) => ({ name: owner }));
}

/** A smaller file could not be hit: such pieces are written before anything else happens. */
const MIN_HIT_BYTES = 64 * 1024;
const EARLIER_FAULT =
  "A time marks uploads of an earlier version, which could store other bytes than it acknowledged: upload those files again";

const NOT_UTF8 =
  "Only a program on the server reaches names that are not UTF-8. Where they are Latin-1, convmv " +
  "renames them:";
const CONVMV = "convmv -f iso-8859-1 -t utf-8 -r --notest --";

/** A text as one word of a shell's command line. */
function shellWord(text: string): string {
  return /^[\w./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/** Size and time of a damaged file that this fault may have hit. */
function earlierUpload(
  record: FileRecord | undefined,
  sinceMs: number,
): { size?: number; storedMs?: number } {
  if (record === undefined || record.size < MIN_HIT_BYTES || record.storedMs >= sinceMs) return {};
  return { size: record.size, storedMs: record.storedMs };
}

function isoTime(ms: number): string {
  return new Date(ms).toISOString().slice(0, 19) + "Z";
}

/** The commands that verify stored data. */
export const VERIFY_COMMANDS = [verify];
