import type { Command } from "../options/command.ts";
import { CHECKS, Examination, type Finding } from "../doctor/checks.ts";
import { ClientError } from "../../lib/common/error.ts";
import { printable } from "../../../common/printable.ts";

/** `doctor` */
export const doctor: Command = {
  name: "doctor",
  summary: "check everything between here and the server, and say what to do",
  usage: "",
  options: [],
  arguments: { least: 0, most: 0 },
  details:
    `Checks name, port, certificate, trust, clock, login, rights, quota and free space, and says in one
sentence each what is fine or what to do. The exit code is that of the first that fails.`,
  async run(context) {
    const { output } = context;
    const examination = new Examination(context);
    const findings: (Finding & { check: string })[] = [];
    for (const { check, examine } of CHECKS) {
      const finding = await examine(examination);
      findings.push({ check, ...finding });
      const mark = finding.result === "fine" ? "ok" : finding.result;
      output.result(`${mark.padEnd(8)}${check.padEnd(13)}${printable(finding.message)}`);
      // Later checks depend on this one.
      if (finding.result === "failed") break;
    }
    const failed = findings.find(({ result }) => result === "failed");
    if (failed === undefined) return output.event("done", { checks: findings });
    throw new ClientError(`${failed.check}: ${failed.message}`, {
      exitCode: failed.exitCode ?? 1,
      data: { checks: findings },
    });
  },
};
