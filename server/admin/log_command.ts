/** `logs [NAME]`: the last lines of a log. */
import { printable } from "../../common/printable.ts";
import { LOG_LEVELS, LOG_NAMES } from "../../common/log_names.ts";
import type { LogQuery } from "../door/door.ts";
import { logReader } from "../monitor/log_tail.ts";
import * as kinds from "../options/kinds.ts";
import { messageOf, usageError } from "../options/error.ts";
import { adminCommand } from "./command.ts";

const NAME = kinds.choice(...LOG_NAMES);
const DEFAULT_LINES = 200;

const logs = adminCommand("logs", {
  flags: {
    lines: kinds.integer("N", 1, 10_000),
    level: kinds.choice(...LOG_LEVELS),
    contains: kinds.text("TEXT"),
    account: kinds.text("NAME"),
  },
  async run({ data }, [operand = "server"], { lines = DEFAULT_LINES, level, contains, account }) {
    const query: LogQuery = {
      name: nameOf(operand),
      lines,
      ...(level === undefined ? {} : { level }),
      ...(contains === undefined ? {} : { contains }),
      ...(account === undefined ? {} : { account }),
    };
    const found = await logReader(data).tail(query);
    return {
      text: found.map((line) => `${printable(line)}\n`).join(""),
      data: { lines: found },
    };
  },
});

function nameOf(text: string): LogQuery["name"] {
  try {
    return NAME.read(text);
  } catch (error) {
    throw usageError(`The log is ${JSON.stringify(text)} but must be ${messageOf(error)}`);
  }
}

/** The command that shows logs. */
export const LOG_COMMANDS = [logs];
