import { usageError } from "../../lib/common/error.ts";
import { oneOf, type OptionSpec, type Values } from "./options.ts";
import type { IfExists } from "../../lib/upload/upload_options.ts";

/** How an existing name is treated. */
export const IF_EXISTS_OPTIONS: readonly OptionSpec[] = [
  {
    name: "if-exists",
    value: "WHAT",
    default: "version",
    summary: "where the name is taken: version, overwrite, skip or fail",
    parse: oneOf("version", "overwrite", "skip", "fail"),
  },
  { name: "overwrite", summary: "the same as --if-exists overwrite" },
];

/** Combines the two options. @throws {ClientError} with exit code 2 where they are contradictory */
export function ifExists(values: Values): IfExists {
  const given = values.text("if-exists") as IfExists | undefined;
  if (!values.flag("overwrite")) return given ?? "version";
  if (given !== undefined && given !== "overwrite") {
    throw usageError(`--overwrite and --if-exists ${given} contradict each other`);
  }
  return "overwrite";
}
