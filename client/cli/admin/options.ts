/** Options of `client admin`, from the table of its commands. */
import { adminWords, allOptions } from "../../../common/admin/command_line.ts";
import { ADMIN_WORDS, type AdminName, type SharedAdminName } from "../../../common/admin/words.ts";
import { parseDecimal } from "../../../common/decimal.ts";
import { DOORS_FORM, parseDoors } from "../../../common/entrances.ts";
import { parseWhen, WHEN_FORM } from "../../../common/expiry.ts";
import { LOG_LEVELS } from "../../../common/log_names.ts";
import { NETWORK_FORM, parseNetwork } from "../../../common/network.ts";
import { parseSize as readSize } from "../../../common/size.ts";
import { usageError } from "../../lib/common/error.ts";
import { duration, integer, oneOf, type OptionSpec, type Values } from "../options/options.ts";
import { lettersOf } from "./action.ts";

/** Commands that work through a server, in the order of the help. */
export const SHARED_NAMES = (Object.keys(ADMIN_WORDS) as AdminName[])
  .filter((name): name is SharedAdminName => adminWords(name).local !== true);

type Parse = NonNullable<OptionSpec["parse"]>;

/** Bytes; null for `none`. */
export const quota: Parse = (text, option) => {
  if (/^(none|off)$/i.test(text)) return null;
  const bytes = readSize(text);
  if (bytes !== undefined) return bytes;
  throw usageError(`${option} must be a size such as 500M, or none, not "${text}"`);
};

/** A time in ms since the epoch, or `never`. */
export const expiry: Parse = (text, option) => {
  if (/^(never|none)$/i.test(text)) return "never";
  const timeMs = parseWhen(text);
  if (timeMs !== undefined) return timeMs;
  throw usageError(`${option} must be ${WHEN_FORM}, or never, not "${text}"`);
};

const limited = (read: (text: string) => number | undefined, what: string): Parse => {
  return (text, option) => {
    if (/^(none|off)$/i.test(text)) return "none";
    if (text === "default") return text;
    const value = read(text);
    if (value !== undefined && value >= 1) return value;
    throw usageError(`${option} must be ${what}, none or default, not "${text}"`);
  };
};
const rate = limited(readSize, "bytes per second such as 2M");
const count = limited(parseDecimal, "a number from 1");
const networks: Parse = (text, option) =>
  text === "default" ? text : text.split(",").map((one) => networkOf(one.trim(), option));

const doors: Parse = (text, option) => {
  const read = text === "default" ? text : parseDoors(text);
  if (read !== undefined) return read;
  throw usageError(`${option} must be ${DOORS_FORM}, not "${text}"`);
};

/** A network or an address, as it is given. @throws {ClientError} with exit code 2 */
export function networkOf(text: string, option: string): string {
  if (parseNetwork(text) !== undefined) return text;
  throw usageError(`${option} must be ${NETWORK_FORM}, not "${text}"`);
}

/** How the values of options are read; a switch has none, and a text is taken as it is. */
const PARSERS: Readonly<Record<string, Parse>> = {
  "permissions": lettersOf,
  "quota": quota,
  "expires": expiry,
  "rate": rate,
  "rate-up": rate,
  "rate-down": rate,
  "connections": count,
  "requests": count,
  "doors": doors,
  "allow-ip": networks,
  "deny-ip": networks,
  "for": duration,
  "part-ttl": duration,
  "lines": integer(1, 10_000),
  "level": oneOf(...LOG_LEVELS),
};

/** The options of all commands; the summary says which take it. */
export const ADMIN_OPTIONS: readonly OptionSpec[] = [...allOptions(SHARED_NAMES)]
  .map(([name, { value, summary }]) => {
    const takers = SHARED_NAMES.filter((one) => Object.hasOwn(ADMIN_WORDS[one].options, name));
    return {
      name,
      summary: `${summary} (${takers.join(", ")})`,
      ...(value === undefined ? {} : { value }),
      ...(PARSERS[name] === undefined ? {} : { parse: PARSERS[name] }),
    };
  });

/** Checks that a command takes the options given. @throws {ClientError} with exit code 2 */
export function checkOptions(name: SharedAdminName, values: Values): void {
  const foreign = ADMIN_OPTIONS.find((option) =>
    values.given(option.name) && !Object.hasOwn(ADMIN_WORDS[name].options, option.name)
  );
  if (foreign !== undefined) throw usageError(`${name} takes no option --${foreign.name}`);
}
