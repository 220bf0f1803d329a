import { getLogger } from "@logtape/logtape";
import { follow, newRequestId } from "../../storage/common/reports.ts";
import { isStoreError } from "../../storage/contract/error.ts";
import { logRequest, logsRequests } from "../door/request_lines.ts";
import { isUnsupported } from "./unsupported.ts";
import { type CommandLine, parseCommand } from "./command_line.ts";
import { type Context, needsArgument } from "./context/context.ts";
import { failureReply } from "./failure.ts";
import type { Line } from "./context/line_buffer.ts";
import type { LoginGate } from "./login_gate.ts";
import { type Reply, ReplyError } from "./context/reply.ts";

const log = getLogger(["towpath", "ftp"]);

/** Carries a command out, and logs it where requests are logged. @returns its final reply */
export async function carryOut(context: Context, line: Line, gate: LoginGate): Promise<Reply> {
  const startMs = performance.now();
  const parsed = parseCommand(line);
  if (!logsRequests(log)) return await answer(context, parsed, gate);
  const request = newRequestId();
  const final = await follow(request, () => answer(context, parsed, gate));
  logCommand(context.origin.address, parsed, final, startMs, request);
  return final;
}

async function answer(context: Context, parsed: CommandLine, gate: LoginGate): Promise<Reply> {
  const { row } = parsed;
  try {
    await context.limits.count(row?.name);
    if ("fault" in parsed) throw new ReplyError(501, parsed.fault);
    if (!context.loggedIn) gate.check(row);
    if (row === undefined) throw unknown(parsed.name);
    if (parsed.argument === "" && needsArgument(row)) {
      throw new ReplyError(501, `Usage: ${row.name} ${row.syntax}`);
    }
    return await row.run(context, parsed.argument);
  } catch (error) {
    if (isStoreError(error, "session-over")) context.closeAfterReply();
    return failureReply(error, row?.naming ?? false);
  }
}

/** The reply to a name that no row has: whether FTP has it tells clients what to do without it. */
function unknown(name: string): ReplyError {
  return isUnsupported(name.toUpperCase())
    ? new ReplyError(502, `${name.toUpperCase()} is not supported here`)
    : new ReplyError(500, `There is no command "${name}"`);
}

/** Logs a command; of its argument only a path, as everything else may be a secret. */
function logCommand(
  address: string,
  parsed: CommandLine,
  { code }: Reply,
  startMs: number,
  request: string,
): void {
  const { row } = parsed;
  const path = row?.syntax.includes("path") && "argument" in parsed && parsed.argument !== ""
    ? parsed.argument
    : undefined;
  const name = row?.name ?? "unknown command";
  logRequest(log, { name, path, status: code, address, startMs, request });
}
