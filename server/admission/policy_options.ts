import type { ServerOptions } from "../options/definitions.ts";
import type { LimitSource } from "./limit_sets.ts";

/** The options that can change while the server runs. */
const NAMES = [
  "allow-ip",
  "deny-ip",
  "limit-rate",
  "limit-rate-up",
  "limit-rate-down",
  "max-connections",
  "max-connections-per-address",
  "max-requests-per-address",
] as const satisfies (keyof ServerOptions)[];

/** Values of the options that can change while the server runs. */
export type PolicyOptions = Pick<ServerOptions, typeof NAMES[number]> & {
  /** Limits of the file that `--limits` names. @default none */
  readonly file?: LimitSource;
};

/** The options that can change while the server runs. */
export function policyOf(options: ServerOptions, file: LimitSource): PolicyOptions {
  const some = Object.fromEntries(NAMES.map((name) => [name, options[name]]));
  return { ...some, file } as PolicyOptions;
}
