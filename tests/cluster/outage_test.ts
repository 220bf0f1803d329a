/** PostgreSQL is killed and started again while uploads run: nothing acknowledged is lost, no engine opened again. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { isStoreError } from "../../storage/contract/error.ts";
import { assertErrorLike } from "../support/errors.ts";
import {
  append,
  bytesOf,
  newUpload,
  publish,
  sha256,
  store,
  textOf,
} from "../storage/suites/engine_samples.ts";
import { TestCluster } from "./cluster_engine.ts";
import { startPostgres, withoutPostgres } from "./engines.ts";

Deno.test({
  name: "cluster: the database is killed and comes back while uploads run",
  ignore: withoutPostgres,
  async fn() {
    const postgres = await startPostgres();
    await using cluster = await TestCluster.open();
    const engine = cluster.first;
    const part = await engine.parts.begin(newUpload("/resumed"));
    await part.keep();
    await append(part, "safe ");
    await part.checkpoint({ offset: 5, hash: sha256(bytesOf("safe ")) });
    const acknowledged = new Map<string, string>();
    let going = true;
    let failed = 0;
    const session = async (number: number) => {
      for (let round = 0; going; round++) {
        const text = `${number}-${round}`;
        try {
          acknowledged.set((await store(engine, `/f${number}`, text)).path, text);
        } catch (error) {
          assert(isStoreError(error, "unreachable"), String(error));
          failed++;
        }
      }
    };
    const sessions = [0, 1, 2].map(session);
    while (acknowledged.size < 20) await engine.tree.stat("alice", "/");
    await postgres.kill();
    // A request that may not be carried out twice fails at once.
    const make = () => engine.tree.makeDirectory("alice", "/d");
    assertErrorLike(await assertRejects(make), { kind: "unreachable" });
    await postgres.start();
    const before = acknowledged.size;
    while (acknowledged.size < before + 20) await engine.tree.stat("alice", "/");
    going = false;
    await Promise.all(sessions);
    await append(part, "and sound");
    await publish(engine, part, "safe and sound");
    assertEquals(await textOf(await engine.tree.open("alice", "/resumed")), "safe and sound");
    const { files } = await engine.tree.names("alice", "/", { limit: 10_000 });
    const bytes = new Map<string, string>();
    for (const name of files) {
      bytes.set(`/${name}`, await textOf(await engine.tree.open("alice", `/${name}`)));
    }
    for (const [path, text] of acknowledged) assertEquals(bytes.get(path), text);
    // A publication without an answer, of a session that was given up, may be there: no other is.
    assert(files.length - 1 - acknowledged.size <= failed);
    const sum = [...bytes.values()].reduce((total, text) => total + text.length, 0);
    assertEquals(await engine.catalog.usage("alice"), { usedBytes: sum, reservedBytes: 0 });
  },
});
