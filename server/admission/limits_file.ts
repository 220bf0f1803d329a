/**
 * The limits file (docs/cli.md, "Limits"): limits of accounts and of addresses as an operator keeps
 * them beside the configuration.
 */
import { nameFault } from "../../common/account_names.ts";
import { NETWORK_FORM, parseNetworkOrAny } from "../../common/network.ts";
import { reasonOf } from "../../common/os_reason.ts";
import type {
  AccountLimits,
  CommonLimits,
  LimitedNetwork,
} from "../../storage/contract/books/policy_book.ts";
import { EVERY_ACCOUNT, type LimitSource, NO_LIMITS } from "./limit_sets.ts";
import { failure, messageOf, usageError } from "../options/error.ts";
import type { Kind } from "../options/kinds.ts";
import {
  LIMIT_KINDS,
  LIMIT_MEMBERS,
  type LimitName,
  NETWORK_LIMIT_KINDS,
} from "../options/limit_kinds.ts";

type Members = Readonly<Record<string, unknown>>;

/**
 * Reads the limits file.
 *
 * @param file null: there is none, and nothing is limited by it
 * @throws {ExitError} one sentence that names the wrong value or the unknown key
 */
export function readLimitsFile(file: string | null): LimitSource {
  if (file === null) return NO_LIMITS;
  let content: string;
  try {
    content = Deno.readTextFileSync(file);
  } catch (error) {
    throw failure(`Cannot read the limits file ${file}: ${reasonOf(error, null)}`, error);
  }
  return parseLimits(content, `the limits file ${file}`);
}

/** Reads the text of a limits file. @param where how messages call it @throws {ExitError} */
export function parseLimits(content: string, where: string): LimitSource {
  let json: unknown;
  try {
    json = JSON.parse(content);
  } catch (error) {
    throw usageError(`${capitalised(where)} is not valid JSON: ${messageOf(error)}`);
  }
  const groups = object(json, capitalised(where));
  const accounts = new Map<string, AccountLimits>();
  const networks: LimitedNetwork[] = [];
  for (const [group, members] of Object.entries(groups)) {
    if (group !== "accounts" && group !== "addresses") {
      throw usageError(`Unknown key "${group}" in ${where}: "accounts" and "addresses" are known`);
    }
    for (const [name, value] of Object.entries(object(members, `"${group}" in ${where}`))) {
      const place = `"${name}" in ${where}`;
      const limits = object(value, place);
      if (group === "accounts") {
        const fault = name === EVERY_ACCOUNT ? undefined : nameFault(name);
        if (fault !== undefined) throw usageError(`${place} is no account: ${fault}`);
        accounts.set(name, limitsIn(limits, LIMIT_KINDS, place));
        continue;
      }
      const network = parseNetworkOrAny(name);
      if (network === undefined) throw usageError(`${place} must be ${NETWORK_FORM}, or any`);
      networks.push({ ...network, limits: limitsIn(limits, NETWORK_LIMIT_KINDS, place) });
    }
  }
  return { accounts, networks };
}

function object(value: unknown, where: string): Members {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Members;
  throw usageError(`${where} must be a JSON object`);
}

function limitsIn(
  limits: Members,
  known: Readonly<Partial<Record<LimitName, Kind<unknown>>>>,
  place: string,
): AccountLimits & CommonLimits {
  const read = Object.entries(limits).map(([key, value]) => {
    const kind = Object.hasOwn(known, key) ? known[key as LimitName] : undefined;
    if (kind === undefined) {
      const names = Object.keys(known).join(", ");
      throw usageError(`Unknown key "${key}" of ${place}: known are ${names}`);
    }
    return [LIMIT_MEMBERS[key as LimitName], valueOf(value, kind, `"${key}" of ${place}`)];
  });
  return Object.fromEntries(read);
}

/** Reads a number, a text, or a list of texts. */
function valueOf(value: unknown, kind: Kind<unknown>, place: string): unknown {
  const isList = Array.isArray(value) && value.every((one) => typeof one === "string");
  if (isList && value.length === 0) return [];
  if (!isList && typeof value !== "string" && typeof value !== "number") {
    throw usageError(`${place} has a value of the wrong type`);
  }
  try {
    return kind.read(isList ? value.join(",") : String(value));
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw usageError(`${place} is ${JSON.stringify(value)} but must be ${error.message}`);
  }
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
