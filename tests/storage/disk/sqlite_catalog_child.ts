/** A process of its own with a catalog open; sqlite_catalog_test.ts starts it and kills it. */
import { SqliteCatalog } from "../../../storage/disk/sqlite_catalog.ts";
import { intent, store, upload } from "../suites/catalog_samples.ts";

const [file, task, id] = Deno.args as [string, string, string];
const catalog = SqliteCatalog.open(file, { durability: "full" });

if (task === "die") {
  await store(catalog, intent("/finished", 5));
  await catalog.beginCommits([intent("/begun", 3)]);
  await catalog.addUpload(upload("a1", { reservedBytes: 7 }));
  Deno.kill(Deno.pid, "SIGKILL");
}

// "race": takes what the quota gives, in single bytes, and tells how many it got.
let got = 0;
for (let i = 0; i < 100; i++) {
  if (await catalog.addUpload(upload(`${id} ${i}`, { reservedBytes: 1 }))) got++;
  const [answer] = await catalog.beginCommits([intent(`/${i}`, 0, { uploadId: id })]);
  if (answer === "ready") got += 1000;
}
console.log(got);
