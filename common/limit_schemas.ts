/** Schemas of limits in requests, for the native protocol and the HTTP API. */
import * as v from "valibot";
import { ENTRANCES } from "./entrances.ts";

/** A limit of an account: a number, `none`, or `default` for the server's own value. */
export const limit = v.union(
  [v.pipe(v.number(), v.safeInteger(), v.minValue(1)), v.picklist(["none", "default"])],
  'must be an integer from 1, "none" or "default"',
);

/** Networks in CIDR notation, or `default` for none of the account's own. */
export const networks = v.union(
  [v.pipe(v.array(v.string()), v.maxLength(1000)), v.literal("default")],
  'must be a list of networks, or "default"',
);

/** Where an account or an address may come in, or `default` for everywhere. */
export const doors = v.union(
  [v.pipe(v.array(v.picklist(ENTRANCES)), v.maxLength(ENTRANCES.length)), v.literal("default")],
  `must be a list of ${ENTRANCES.join(", ")}, or "default"`,
);

/** Limits of an account, or of each address of a network, as members of the HTTP API's requests. */
export const COMMON_LIMITS = {
  rate: v.exactOptional(limit),
  rate_up: v.exactOptional(limit),
  rate_down: v.exactOptional(limit),
  connections: v.exactOptional(limit),
  requests: v.exactOptional(limit),
  doors: v.exactOptional(doors),
};
