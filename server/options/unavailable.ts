/** Options whose other half does not exist yet: asking for them says so. Delete what comes true. */
import { OPTION_NAMES, type OptionName, OPTIONS, type ServerOptions } from "./definitions.ts";
import { usageError } from "./error.ts";

const MISSING = [
  { prefix: "ftp", what: "FTP door" },
];

/** What this version lacks for an option; undefined where it lacks nothing. */
export function missingFor(name: OptionName): string | undefined {
  return MISSING.find(({ prefix }) => name.startsWith(prefix))?.what;
}

/** @throws {ExitError} where an option is used that this version can do nothing with */
export function refuseUnavailable(options: ServerOptions): void {
  for (const name of OPTION_NAMES) {
    const missing = missingFor(name);
    if (missing && options[name] !== OPTIONS[name].fallback) {
      throw usageError(`This version has no ${missing}: --${name} cannot be used`);
    }
  }
}
