/** `collect [--delete]`: objects of the store that nothing needs any more. */
import { counted, grouped } from "../../common/counted.ts";
import { programName } from "../../common/program_name.ts";
import { formatSize } from "../../common/size.ts";
import { collectObjects, type CollectReport } from "../../storage/open_engine.ts";
import { withEngine } from "../data/open_data.ts";
import { usageError } from "../options/error.ts";
import * as kinds from "../options/kinds.ts";
import { adminCommand } from "./command.ts";

const collect = adminCommand("collect", {
  flags: { "delete": kinds.toggle, "dry-run": kinds.toggle, "grace": kinds.duration },
  audited: (_, { "delete": deletes }) => deletes ? { action: "collect" } : undefined,
  async run({ data, options }, _, { "delete": deletes = false, "dry-run": isDry, grace }) {
    if (deletes && isDry) throw usageError("--delete and --dry-run exclude each other");
    if (options.catalog === null) {
      throw usageError(
        `collect is about the store of several nodes (--store), and ${data} has none: its files ` +
          "are deleted at once",
      );
    }
    const how = { deletes, ...(grace !== undefined && { graceMs: grace }) };
    const report = await withEngine({ data, options }, (engine) => collectObjects(engine, how));
    return { text: textOf(report, deletes), data: { ...report, dryRun: !deletes } };
  },
});

function textOf(report: CollectReport, deletes: boolean): string {
  const { all, live, due, waiting, orphans, young, unusedBytes } = report;
  const line = (name: string, { objects, bytes }: CollectReport["all"], more = "") =>
    `${name.padEnd(26)}${counted(objects, "object")}, ${formatSize(bytes)}${more}`;
  const lines = [
    line("In the store", all),
    line("In use", live, unusedBytes > 0 ? `, of which unused ${formatSize(unusedBytes)}` : ""),
    line("Garbage within its grace", waiting),
    line("Garbage past its grace", due),
    line("Without a name", orphans, `; younger than a day: ${grouped(young.objects)}`),
  ];
  const program = programName("admin");
  lines.push(
    deletes
      ? `Deleted: ${counted(report.deleted, "object")}; noted as garbage: ${
        grouped(report.noted)
      }; packs rewritten: ${grouped(report.rewritten)}`
      : `Nothing was changed: "${program} collect --delete" deletes what is past its grace`,
  );
  return lines.join("\n") + "\n";
}

/** The command that collects objects. */
export const COLLECT_COMMANDS = [collect];
