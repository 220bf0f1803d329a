import { assertEquals } from "@std/assert";
import { account, type HoldsBooks, token } from "../catalog_samples.ts";
import { ALL } from "../../../support/pages.ts";

export function timeContract(holds: HoldsBooks): void {
  holds("times are remembered, notes of them too", async (catalog, reopen) => {
    assertEquals(await catalog.marks.get("authority"), undefined);
    await catalog.marks.set("authority", 5);
    await catalog.marks.set("authority", 6);
    await catalog.marks.note({ seen: 7, ahead: -8 });
    assertEquals(await catalog.marks.get("ahead"), -8);
    const again = await reopen();
    assertEquals(await again.marks.get("authority"), 6);
    assertEquals(await again.marks.get("waited"), undefined);
  });

  holds("records dated in the future are dated now, and last as long", async (catalog) => {
    await catalog.addAccount(account("alice"));
    await catalog.noteLogin("alice", 2000);
    for (
      const [id, createdMs, expiresMs, lastUsedMs] of [
        ["1", 10, 5000, 2000],
        ["2", 2000, 2300, null],
        ["3", 2000, null, null],
      ] as const
    ) {
      await catalog.tokens.add(token(id, { createdMs, expiresMs, lastUsedMs }), 1);
    }
    await catalog.webSessions.add({
      id: "s",
      account: "alice",
      generation: 1,
      hash: "s",
      address: "::1",
      agent: "",
      createdMs: 2000,
      lastUsedMs: 2100,
      expiresMs: 2500,
    });
    const ban = { address: "192.0.2.1", prefixLength: 32, reason: "" };
    await catalog.policy.ban({ ...ban, createdMs: 2000, expiresMs: 2050 });

    await catalog.redate(1000);
    assertEquals((await catalog.account("alice"))!.lastLoginMs, 1000);
    const tokens = await catalog.tokens.of("alice", ALL);
    assertEquals(
      tokens.map((
        { id, createdMs, expiresMs, lastUsedMs },
      ) => [id, createdMs, expiresMs, lastUsedMs])
        .sort(),
      [["1", 10, 5000, 1000], ["2", 1000, 1300, null], ["3", 1000, null, null]],
    );
    const session = await catalog.webSessions.byHash("s");
    assertEquals(
      [session!.createdMs, session!.lastUsedMs, session!.expiresMs],
      [1000, 1000, 1500],
    );
    assertEquals((await catalog.policy.bans(0, ALL))[0]!.expiresMs, 1050);
  });
}
