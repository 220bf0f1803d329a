import type { Account, Catalog } from "../contract/catalog.ts";

/** Accounts read at once. */
const PAGE = 500;

/** Goes through all accounts by name, page by page. */
export async function* eachAccount(catalog: Pick<Catalog, "accounts">): AsyncGenerator<Account> {
  let after = "";
  while (true) {
    const accounts = await catalog.accounts({ after, count: PAGE });
    yield* accounts;
    if (accounts.length < PAGE) return;
    after = accounts.at(-1)!.name;
  }
}
