import type { Command } from "../options/command.ts";
import { ClientError, ExitCode } from "../../lib/common/error.ts";
import { printable, quoted } from "../../../common/printable.ts";
import { formatSize } from "../../../common/size.ts";
import { counted } from "../../../common/counted.ts";

/** `verify [PATH]` */
export const verify: Command = {
  name: "verify",
  summary: "let the server read every byte again and compare checksums",
  usage: "[PATH]",
  options: [],
  arguments: { least: 0, most: 1 },
  details: "Damage is named on stdout and is exit code 6.",
  async run(context) {
    const client = await context.client();
    const path = context.args[0];
    const action = `Cannot verify ${quoted(path ?? "/")}`;
    const data = await client.request("VERIFY", { path }, action, { slow: true });
    const damaged = (Array.isArray(data.damaged) ? data.damaged : []) as Record<string, unknown>[];
    const notVerified =
      (Array.isArray(data.not_verified) ? data.not_verified : []) as typeof damaged;
    const leftOut = Number(data.left_out ?? notVerified.length);
    context.output.event("done", {
      files: data.files,
      bytes: data.bytes,
      damaged,
      left_out: leftOut,
      not_verified: notVerified,
    });
    for (const { filename, reason } of notVerified) {
      context.output.note(printable(`Left out ${filename}: ${reason}.`));
    }
    for (const file of damaged) {
      context.output.result(
        printable(`${file.filename}: expected ${file.expected}, found ${file.actual}`),
      );
    }
    context.output.note(
      `Verified ${counted(Number(data.files), "file")}, ${formatSize(Number(data.bytes))}${
        leftOut > 0 ? `; left out: ${leftOut}` : ""
      }.`,
    );
    if (damaged.length > 0) {
      throw new ClientError(`Damaged at the server: ${counted(damaged.length, "file")}`, {
        exitCode: ExitCode.checksum,
        status: "CHECKSUM_FAILED",
      });
    }
  },
};
