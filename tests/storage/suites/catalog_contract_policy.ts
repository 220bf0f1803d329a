import { assert, assertEquals } from "@std/assert";
import type { AccountLimits, Ban } from "../../../storage/contract/books/policy_book.ts";
import { account, type Holds } from "./catalog_samples.ts";

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

export function policyContract(holds: Holds): void {
  holds("limits of accounts are replaced, and go with them", async (catalog, reopen) => {
    for (const name of ["al", "alice"]) await catalog.addAccount(account(name));
    const { policy } = catalog;
    assertEquals(await policy.limits(), new Map());
    const before = await policy.version();
    assertEquals(await policy.setLimits("alice", { rate: 5 }), true);
    const limits = {
      rateUp: null,
      rateDown: 7,
      denied: [{ address: "10.0.0.0", prefixLength: 8 }],
    };
    assertEquals(await policy.setLimits("alice", limits), true);
    assertEquals(await policy.setLimits("al", { rate: null }), true);
    assertEquals(await policy.setLimits("nobody", { rate: 1 }), false);
    assert(await policy.version() > before);
    const again = (await reopen()).policy;
    assertEquals(
      await again.limits(),
      new Map<string, AccountLimits>([["al", { rate: null }], ["alice", limits]]),
    );
  });

  holds("limits do not outlive their account", async (catalog) => {
    for (const name of ["al", "alice"]) await catalog.addAccount(account(name));
    const { policy } = catalog;
    for (const name of ["al", "alice"]) await policy.setLimits(name, { rate: 5 });
    await catalog.removeAccount("alice");
    assertEquals([...(await policy.limits()).keys()], ["al"]);
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
      (await again.bans(nowMs)).map(({ address, prefixLength }) => `${address}/${prefixLength}`);
    assertEquals(await listed(19), ["10.0.0.2/32", "10.0.0.1/32", "10.0.0.1/24"]);
    assertEquals(await listed(20), ["10.0.0.1/32", "10.0.0.1/24"]);
    assertEquals((await again.bans(20))[0]!.reason, "again");
    assertEquals(await again.unban({ address: "10.0.0.1", prefixLength: 32 }), true);
    assertEquals(await again.unban({ address: "10.0.0.1", prefixLength: 32 }), false);
    assertEquals(await listed(20), ["10.0.0.1/24"]);
  });
}
