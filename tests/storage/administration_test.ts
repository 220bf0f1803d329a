/** An administrator's view of all accounts together: unfinished uploads, totals. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { assertErrorWhere } from "../support/errors.ts";
import { isStoreError } from "../../storage/contract/error.ts";
import { openLightEngine } from "../support/engine.ts";
import { Vault } from "../../storage/vault.ts";
import { account } from "./suites/catalog_samples.ts";

async function open() {
  const engine = await openLightEngine();
  const vault = await Vault.open({ engine });
  for (const name of ["alice", "bob", "root"]) {
    await engine.addAccount(account(name, { letters: name === "root" ? "rwcdt" : "rwcd" }));
  }
  const enter = (name: string) =>
    vault.enter({ account: name, generation: 1, door: "web", sessionId: name, address: "::1" });
  const upload = async (name: string, path: string, sizeBytes: number) => {
    const opening = await enter(name).transfers.upload({ path, sizeBytes });
    assert("upload" in opening);
    return opening.upload;
  };
  return { enter, upload };
}

Deno.test("an administrator sees all unfinished uploads, and drops any", async () => {
  const { enter, upload } = await open();
  const running = await upload("alice", "/a", 10);
  await running.write(new Uint8Array(4));
  await (await upload("bob", "/b", 20)).suspend();
  const { administration } = enter("root");
  const found = (await administration.uploads())
    .map(({ record, offset, active }) => [record.account, record.shownPath, offset, active])
    .sort();
  assertEquals(found, [["alice", "/a", 4, true], ["bob", "/b", 0, false]]);
  const reported: string[] = [];
  running.onTaken = (why) => reported.push(why.message);
  for (const { record } of await administration.uploads()) {
    await administration.dropUpload(record.id);
  }
  assertEquals(reported, ["An administrator dropped the upload"]);
  assertEquals(await administration.uploads(), []);
  const usage = { usedBytes: 0, reservedBytes: 0, quotaBytes: null };
  assertEquals(await enter("alice").account.usage(), usage);
  assertErrorWhere(
    await assertRejects(() => administration.dropUpload(running.id)),
    (error) => isStoreError(error, "transfer-not-found"),
  );
});

Deno.test("totals count what all accounts hold; without the letter t they are denied", async () => {
  const { enter, upload } = await open();
  const done = await upload("alice", "/a", 3);
  await done.write(new Uint8Array(3));
  await done.finish();
  const cut = await upload("bob", "/b", 20);
  await cut.write(new Uint8Array(8));
  await cut.suspend(); // holds its received bytes, not the announced ones
  const { accounts, usedBytes, reservedBytes } = await enter("root").administration.totals();
  assertEquals([accounts, usedBytes, reservedBytes], [3, 3, 8]);
  const { administration } = enter("alice");
  for (
    const run of [
      () => administration.totals(),
      () => administration.uploads(),
      () => administration.dropUpload("x"),
    ]
  ) assertErrorWhere(await assertRejects(run), (error) => isStoreError(error, "denied"));
});
