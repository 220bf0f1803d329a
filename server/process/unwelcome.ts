import { getLogger } from "@logtape/logtape";
import type { Vault } from "../../storage/vault.ts";
import type { Policy } from "../admission/policy.ts";
import { every } from "./every.ts";

const log = getLogger(["towpath", "worker"]);

/**
 * Interval at which sessions of accounts that have expired are looked for, or that `admin` has
 * disabled in the data directory. A request is refused at once; this ends the idle ones.
 */
const VOID_MS = 2000;

/**
 * Ends the sessions of addresses that are banned, of accounts that may not act from there, and of
 * accounts that may not be used any more.
 *
 * @returns stops the search for the last kind
 */
export function endUnwelcome(policy: Policy, vault: Vault): () => void {
  policy.onChange(() => {
    vault.endSessions(
      ({ account, address, visitor, door, entrance = door }) =>
        !policy.mayConnect(address, [entrance]) ||
        !visitor && !policy.mayLogIn(account, address, entrance),
      "The account may not be used from this address, or in this way",
    ).catch((error) => log.error("Sessions could not be ended: {error}", { error: String(error) }));
  });
  return every(VOID_MS, () => vault.endVoidSessions());
}
