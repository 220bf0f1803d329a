/** Common parts of the tests of logins. */
import { assert } from "@std/assert";
import { AuthError } from "../../../server/auth/authenticator.ts";
import type { Origin } from "../../../server/auth/origin.ts";

/** Where a login comes from. */
export function from(address: string, door: Origin["door"] = "native"): Origin {
  return { address, door, sessionId: "s" };
}

/** How a login ends: `in`, or the kind of its refusal. */
export async function kindOf(login: Promise<unknown>): Promise<string> {
  try {
    await login;
    return "in";
  } catch (error) {
    assert(error instanceof AuthError, String(error));
    return error.kind;
  }
}
