/**
 * The limits of each request and of each piece of a transfer: most have none, and are asked about
 * tens of thousands of times in a second.
 */
import { networkOf } from "../auth/origin.ts";
import type { Policy } from "./policy.ts";
import { type Mover, NO_BUDGETS, type RateBudget } from "./rate_limit.ts";
import type { RequestCounter } from "./request_table.ts";
import { TooManyError } from "./too_many.ts";

/** Returns the name under which something is counted for an address. */
export function addressName(address: string): string {
  return `address ${networkOf(address)}`;
}

/** Returns the name under which something is counted for an account. */
export function accountName(account: string): string {
  return `account ${account}`;
}

/** Returns the budgets of a mover; `NO_BUDGETS` where nothing limits its rate. */
export function budgetsIn(policy: Policy, { account, address }: Mover): readonly RateBudget[] {
  const own = policy.ratesOf(account);
  const rates = address === undefined ? undefined : policy.ratesOfAddress(address);
  if (own === undefined && rates === undefined) return NO_BUDGETS;
  const budgets: RateBudget[] = [];
  if (own !== undefined) budgets.push({ name: account, rates: own });
  if (rates !== undefined) budgets.push({ name: addressName(address!), rates });
  return budgets;
}

/**
 * Counts a request for an address, an account, or both.
 *
 * @throws {TooManyError} above the maximum of the last minute
 */
export function countRequest(
  requests: RequestCounter,
  policy: Policy,
  { address, account }: { readonly address?: string; readonly account?: string | undefined },
): Promise<void> | void {
  const maxOfAddress = address === undefined ? null : policy.maxRequestsOfAddress(address);
  const maxOfAccount = account === undefined ? null : policy.maxRequestsOf(account);
  if (maxOfAddress === null) return countOf(requests, account, maxOfAccount);
  return then(requests.take(addressName(address!), maxOfAddress), (waitMs) => {
    assertNoWait("this address", waitMs);
    return countOf(requests, account, maxOfAccount);
  });
}

function countOf(
  requests: RequestCounter,
  account: string | undefined,
  max: number | null,
): Promise<void> | void {
  if (account === undefined || max === null) return;
  const taken = requests.take(accountName(account), max);
  return then(taken, (waitMs) => assertNoWait(`"${account}"`, waitMs));
}

/** Goes on at once where a value is there already: most requests wait for nothing. */
function then<T>(
  value: T | Promise<T>,
  next: (value: T) => Promise<void> | void,
): Promise<void> | void {
  return value instanceof Promise ? value.then(next) : next(value);
}

function assertNoWait(whose: string, waitMs: number): void {
  if (waitMs === 0) return;
  const seconds = Math.ceil(waitMs / 1000);
  throw new TooManyError(`Too many requests of ${whose}; try again in ${seconds} s`, waitMs);
}
