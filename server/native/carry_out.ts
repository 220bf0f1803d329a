/** Carrying out one request: its checks, and its row of the table of commands. */
import { parseData } from "../../protocol/mod.ts";
import type { Answer, Context } from "./context/context.ts";
import { RequestError, unknownCommand } from "./context/failure.ts";
import type { Receiver } from "./receiver.ts";
import type { QueuedRequest } from "./requests.ts";
import { findRow } from "./table.ts";

type Row = NonNullable<ReturnType<typeof findRow>>;
/** The answer, at once where nothing has to be waited for; undefined: the row answers itself. */
type Answering = Promise<Answer | undefined> | Answer | undefined;

/**
 * Carries out a request of a connection.
 *
 * @throws {RequestError} and all errors of commands; as rejections where it had to wait
 */
export function carryOut(context: Context, receiver: Receiver, request: QueuedRequest): Answering {
  const row = findRow(request.command);
  const counted = context.limits.count(row?.name);
  if (counted === undefined) return checkAndRun(context, receiver, request, row);
  return counted.then(() => checkAndRun(context, receiver, request, row));
}

function checkAndRun(
  context: Context,
  receiver: Receiver,
  request: QueuedRequest,
  row: Row | undefined,
): Answering {
  if (row?.needsLogin !== false) void context.view; // throws without a login
  if (row?.name !== "ABOR" && (receiver.receiving || receiver.untilEnd)) {
    throw new RequestError(
      "BAD_SEQUENCE",
      "An upload is running: only DATA, END or ABOR may follow",
    );
  }
  receiver.otherFrame();
  if (row === undefined) throw unknownCommand(request.command);
  const parsed = parseData(row.name, request.data);
  if ("problem" in parsed) {
    receiver.refused(request);
    throw new RequestError("BAD_REQUEST", parsed.problem);
  }
  const run = () => {
    const { id, slot, command: calledAs, stopped } = request;
    return row.run(context, { data: parsed.data, id, slot, calledAs, stopped });
  };
  if (row.name === "UPLOAD") return run(); // uploads may run in parallel
  if (row.name === "ABOR") {
    return receiver.abort(parsed.data).then(async (stopped) => {
      if (stopped) request.stopped = true;
      await receiver.settled();
      return await run();
    });
  }
  // Other requests after an upload must see it finished.
  return receiver.idle ? run() : receiver.settled().then(run);
}
