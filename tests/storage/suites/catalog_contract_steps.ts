import { assertEquals } from "@std/assert";
import type { DiskCatalog } from "../../../storage/disk/interfaces/disk_catalog.ts";
import type { Claim } from "../../../storage/disk/interfaces/claim_book.ts";
import { account, file, type Holds, intent, moveOf, share } from "./catalog_samples.ts";
import { ALL } from "../../support/pages.ts";

function claimOf(id: string, ...paths: string[]): Claim {
  return { id, owner: "alice", paths, holder: "worker" };
}

/** An account with a shared directory, in which is a file of 5 bytes. */
async function prepare(catalog: DiskCatalog): Promise<void> {
  for (const name of ["alice", "bob"]) await catalog.addAccount(account(name));
  await catalog.noteFile("alice", "/d/f", file(5));
  await catalog.shares.put(share("1", { path: "/d/f", guest: "bob" }), 1);
}

/** Puts something in the way of `/d/f`. */
const OBSTACLES: Record<string, (catalog: DiskCatalog) => Promise<unknown>> = {
  "another claim": (catalog) => catalog.claims.claim(claimOf("other", "/d")),
  "an intent": (catalog) => catalog.beginCommits([intent("/d/f", 5)]),
  "another state of the file": (catalog) => catalog.noteFile("alice", "/d/f", file(6)),
  "no record of the file": (catalog) => catalog.forget("alice", "/d/f"),
};

export function stepContract(holds: Holds): void {
  holds(
    "forgetFile() claims and forgets a file, and reports whether it was shared",
    async (catalog) => {
      await prepare(catalog);
      await catalog.noteFile("alice", "/d/g", file(7));
      const claim = claimOf("1", "/d/f");
      assertEquals(await catalog.steps.forgetFile(claim, "/d/f", file(5)), { shared: true });
      assertEquals(await catalog.file("alice", "/d/f"), undefined);
      assertEquals(await catalog.shares.by("alice", ALL), []);
      assertEquals(await catalog.usage("alice"), { usedBytes: 7, reservedBytes: 0 });
      assertEquals(await catalog.claims.all(), [claim]);
      assertEquals(await catalog.beginCommits([intent("/d/f", 5)]), ["claimed"]);
      const other = claimOf("2", "/d/g");
      assertEquals(await catalog.steps.forgetFile(other, "/d/g", file(7)), { shared: false });
    },
  );

  holds("beginMove() claims both paths and notes the move", async (catalog) => {
    await prepare(catalog);
    const claim = claimOf("1", "/d/f", "/e");
    const seen = { source: file(5), target: undefined };
    const first = await catalog.steps.beginMove(claim, moveOf("/d/f", "/e"), seen);
    assertEquals(first, { shared: true });
    assertEquals(await catalog.moveIntents(), [moveOf("/d/f", "/e")]);
    assertEquals(await catalog.claims.all(), [claim]);
    await catalog.endMove(moveOf("/d/f", "/e"), true);
    assertEquals(await catalog.file("alice", "/e"), file(5));
  });

  holds("a first step is not done where the target is another than was seen", async (catalog) => {
    await prepare(catalog);
    await catalog.noteFile("alice", "/e", file(9));
    for (const target of [undefined, file(8)]) {
      const seen = { source: file(5), target };
      const claim = claimOf("1", "/d/f", "/e");
      assertEquals(await catalog.steps.beginMove(claim, moveOf("/d/f", "/e"), seen), undefined);
    }
    assertEquals(await catalog.moveIntents(), []);
    assertEquals(await catalog.claims.all(), []);
  });

  for (const [what, put] of Object.entries(OBSTACLES)) {
    holds(`a first step changes nothing where there is ${what}`, async (catalog) => {
      await prepare(catalog);
      await put(catalog);
      const before = [await catalog.file("alice", "/d/f"), await catalog.claims.all()];
      const { steps } = catalog;
      assertEquals(await steps.forgetFile(claimOf("1", "/d/f"), "/d/f", file(5)), undefined);
      const seen = { source: file(5), target: undefined };
      const claim = claimOf("1", "/d/f", "/e");
      assertEquals(await steps.beginMove(claim, moveOf("/d/f", "/e"), seen), undefined);
      assertEquals(
        [await catalog.file("alice", "/d/f"), await catalog.claims.all()],
        before,
      );
      assertEquals(await catalog.moveIntents(), []);
    });
  }

  holds(
    "a claim that is released soon is in the way of nothing that comes next",
    async (catalog) => {
      await prepare(catalog);
      const claim = claimOf("1", "/d/f");
      assertEquals(await catalog.claims.claim(claim), "ready");
      catalog.claims.releaseSoon(claim);
      assertEquals(await catalog.beginCommits([intent("/d/f", 5)]), ["ready"]);
      assertEquals(await catalog.claims.all(), []);
    },
  );
}
