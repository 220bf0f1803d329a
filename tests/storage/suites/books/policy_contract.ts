import { assert, assertEquals } from "@std/assert";
import type { Ban, LimitedNetwork } from "../../../../storage/contract/books/policy_book.ts";
import { ALL, assertPaged } from "../../../support/pages.ts";
import { account, type HoldsBooks } from "../catalog_samples.ts";

function ban(address: string, change: Partial<Ban> = {}): Ban {
  return {
    address,
    prefixLength: 32,
    reason: "guessing",
    createdMs: 5,
    expiresMs: null,
    ...change,
  };
}

export function policyContract(holds: HoldsBooks): void {
  holds("limits of accounts are replaced, and go with them", async (catalog, reopen) => {
    for (const name of ["al", "alice"]) await catalog.addAccount(account(name));
    const { policy } = catalog;
    assertEquals(await policy.limits(ALL), []);
    const before = await policy.version();
    assertEquals(await policy.setLimits("alice", { rate: 5 }), true);
    const limits = {
      rateUp: null,
      rateDown: 7,
      denied: [{ address: "10.0.0.0", prefixLength: 8 }],
    };
    assertEquals(await policy.setLimits("alice", limits), true);
    assertEquals(await policy.setLimits("al", { rate: null }), true);
    assertEquals(await policy.setLimits("missing", { rate: 1 }), false);
    assert(await policy.version() > before);
    const again = (await reopen()).policy;
    const both = [{ account: "al", limits: { rate: null } }, { account: "alice", limits }];
    assertEquals(await again.limits(ALL), both);
    assertEquals(await again.limits({ count: 1 }), both.slice(0, 1));
    assertEquals(await again.limits({ count: 1, after: { account: "al" } }), both.slice(1));
    assertEquals(await again.limitsOf("alice"), limits);
    assertEquals(await again.limitsOf("bob"), undefined);
  });

  holds("limits of networks are replaced and removed, each by itself", async (catalog, reopen) => {
    const { policy } = catalog;
    const wide = { address: "10.0.0.0", prefixLength: 8 };
    const narrow = { address: "10.0.0.0", prefixLength: 24 };
    const any = { address: "any", prefixLength: 0 };
    for (const network of [wide, narrow, any]) await policy.setNetwork(network, { requests: 5 });
    const before = await policy.version();
    await policy.setNetwork(narrow, { rate: null, doors: ["native", "api"] });
    await policy.setNetwork(any, {});
    await policy.setNetwork(any, {});
    assert(await policy.version() > before);
    const again = (await reopen()).policy;
    const all: LimitedNetwork[] = [
      { ...wide, limits: { requests: 5 } },
      { ...narrow, limits: { rate: null, doors: ["native", "api"] } },
    ];
    assertEquals(await again.networks(ALL), all);
    await assertPaged((page) => again.networks(page), all);
  });

  holds("limits do not outlive their account", async (catalog) => {
    for (const name of ["al", "alice"]) await catalog.addAccount(account(name));
    const { policy } = catalog;
    for (const name of ["al", "alice"]) await policy.setLimits(name, { rate: 5 });
    await catalog.removeAccount("alice");
    assertEquals((await policy.limits(ALL)).map(({ account }) => account), ["al"]);
  });

  holds("bans hold until their time, and one network has one", async (catalog, reopen) => {
    const { policy } = catalog;
    const before = await policy.version();
    await policy.ban(ban("10.0.0.1"));
    await policy.ban(ban("10.0.0.2", { createdMs: 6, expiresMs: 20 }));
    await policy.ban(ban("10.0.0.1", { createdMs: 7, reason: "again" }));
    await policy.ban(ban("10.0.0.1", { createdMs: 8, prefixLength: 24 }));
    assert(await policy.version() > before);
    const again = (await reopen()).policy;
    const listed = async (nowMs: number) =>
      (await again.bans(nowMs, ALL)).map(({ address, prefixLength }) =>
        `${address}/${prefixLength}`
      );
    assertEquals(await listed(19), ["10.0.0.2/32", "10.0.0.1/32", "10.0.0.1/24"]);
    assertEquals(await listed(20), ["10.0.0.1/32", "10.0.0.1/24"]);
    assertEquals((await again.bans(20, ALL))[0]!.reason, "again");
    assertEquals(await again.unban({ address: "10.0.0.1", prefixLength: 32 }), true);
    assertEquals(await again.unban({ address: "10.0.0.1", prefixLength: 32 }), false);
    assertEquals(await listed(20), ["10.0.0.1/24"]);
  });

  holds("bans are listed in pages, each ban once", async ({ policy }) => {
    for (const address of ["10.0.0.9", "10.0.0.10", "::1"]) {
      for (const prefixLength of [9, 24, 32]) await policy.ban(ban(address, { prefixLength }));
    }
    await policy.ban(ban("10.0.0.1", { createdMs: 1 }));
    const all = await policy.bans(0, ALL);
    assertEquals(all.length, 10);
    await assertPaged((page) => policy.bans(0, page), all);
  });
}
