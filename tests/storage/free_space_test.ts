import { assert, assertEquals, assertMatch, assertRejects, assertStrictEquals } from "@std/assert";
import { defaultMinFree, FreeSpace, type SpaceLimits } from "../../storage/core/free_space.ts";
import { isStoreError } from "../../storage/contract/error.ts";
import { holdsWeb } from "../support/web.ts";
import { WebProgram } from "../support/web_program.ts";
import { openInProcess, PASSWORD } from "../support/in_process.ts";
import { RawClient } from "../support/raw_client.ts";

const MIB = 1024 * 1024;
const GIB = 1024 * MIB;

/** A disk of 1 GiB whose free space a test sets. */
function disk(freeBytes: number, minFreeBytes: number | null) {
  const measured = { freeBytes, totalBytes: GIB };
  const measure = () => ({ ...measured });
  const open = (shared: Partial<SpaceLimits> = {}) =>
    new FreeSpace(() => Promise.resolve(measure()), { minFreeBytes, ...shared });
  return { measured, open, options: { measure, space: { minFreeBytes } } };
}

async function refuses(run: () => Promise<void> | undefined): Promise<string> {
  const error = await assertRejects(async () => await run());
  assert(isStoreError(error, "no-space"));
  return error.message;
}

Deno.test("5 % of a disk are kept free, at least 4 MiB and at most 1 GiB", () => {
  assertEquals(defaultMinFree(40 * MIB), 4 * MIB);
  assertEquals(defaultMinFree(10 * GIB), 512 * MIB);
  assertStrictEquals(defaultMinFree(1000 * GIB), GIB);
});

Deno.test("what uploads of all workers have announced is kept from the others", async () => {
  const { open } = disk(100 * MIB, 20 * MIB);
  const expected = new BigInt64Array(2);
  const one = open({ expected, worker: 0 });
  const two = open({ expected, worker: 1 });
  const first = one.lease();
  await first.expect(50 * MIB);
  assertMatch(
    await refuses(() => two.lease().expect(31 * MIB)),
    /^The upload needs 31\.0 MiB more: 100 MiB are free .*\(20\.0 MiB are kept free and 50\.0 MiB are promised/,
  );
  await two.lease().expect(30 * MIB);
  await refuses(() => one.lease().expect(1));
  first.end();
  await one.lease().expect(50 * MIB);
  // A worker that takes a failed one's place begins with nothing.
  await open({ expected, worker: 0 }).lease().expect(50 * MIB);
});

Deno.test("of uploads that begin at once and do not fit together, the first one is taken", async () => {
  const space = disk(100 * MIB, 20 * MIB).open();
  const leases = [space.lease(), space.lease(), space.lease()];
  const results = await Promise.allSettled(leases.map((lease) => lease.expect(50 * MIB)));
  assertEquals(results.map(({ status }) => status), ["fulfilled", "rejected", "rejected"]);
});

Deno.test("a small upload waits for no promise while the last measurement is used", async () => {
  const space = disk(900 * MIB, 20 * MIB).open();
  const lease = space.lease();
  const real = Date.now;
  let ms = real();
  Date.now = () => ms; // a busy machine makes no measurement old
  try {
    await space.state();
    assertStrictEquals(lease.expect(1000), undefined);
    assertStrictEquals(lease.take(1000), undefined);
    ms += 60_000;
    const measured = space.lease().expect(1000);
    assert(measured !== undefined, "an old measurement was used");
    await measured;
  } finally {
    Date.now = real;
  }
});

Deno.test("an upload that ends while its space is measured holds none", async () => {
  const space = disk(100 * MIB, 20 * MIB).open();
  const lease = space.lease();
  const expecting = lease.expect(50 * MIB);
  lease.end();
  await expecting;
  await space.lease().expect(80 * MIB);
});

Deno.test("an upload of unknown size is refused before the disk is full", async () => {
  const { measured, open } = disk(60 * MIB, 20 * MIB);
  const lease = open().lease();
  await lease.expect(0);
  let taken = 0;
  const message = await refuses(async () => {
    for (; taken < 100; taken++) {
      await lease.take(MIB);
      measured.freeBytes -= MIB;
    }
  });
  assert(taken > 30 && taken <= 40, `${taken} MiB`);
  assertMatch(message, /free on the server's disk/);
});

Deno.test("an announced upload goes on to its end, unless other programs fill the disk", async () => {
  const { measured, open } = disk(60 * MIB, 20 * MIB);
  const space = open();
  const lease = space.lease();
  await lease.expect(40 * MIB);
  for (let i = 0; i < 39; i++) {
    await lease.take(MIB);
    measured.freeBytes -= MIB + 4096; // with what the file system itself takes
  }
  measured.freeBytes = 5 * MIB;
  await refuses(async () => {
    for (let i = 0; i < 8; i++) await lease.take(MIB);
  });
  assertEquals((await space.state())!.state, "low");
});

Deno.test("--min-free 0, or a disk that cannot be measured: nothing is refused", async () => {
  await disk(0, 0).open().lease().expect(GIB);
  const unknown = new FreeSpace(() => Promise.resolve(undefined), { minFreeBytes: null });
  await unknown.lease().expect(GIB);
});

Deno.test("a resume is refused for lack of space, and the upload stays", async () => {
  const { measured, options } = disk(60 * MIB, 20 * MIB);
  await using server = await openInProcess(options);
  using client = await RawClient.login(server, "alice", PASSWORD);
  const { temp_id } = (await client.ask("UPLOAD", { filename: "a", file_size: 30 * MIB })).data;
  await client.data(new Uint8Array(100));
  await client.ask("ABOR");
  await client.reply();
  measured.freeBytes = 45 * MIB;
  assertEquals((await client.ask("RESUME", { temp_id })).status, "QUOTA_EXCEEDED");
  assertEquals((await client.ask("UPLOAD", { filename: "b", file_size: 30 * MIB })).code, 552);
  measured.freeBytes = 60 * MIB;
  const resumed = await client.ask("RESUME", { temp_id });
  assertEquals([resumed.code, resumed.data.offset], [150, 100]);
});

holdsWeb(
  "a disk that is low refuses uploads with the figures, and serves the rest",
  async (bench) => {
    const { server: { vault } } = bench;
    const program = await WebProgram.login(bench);
    const put = await program.ask("/files/a", { method: "PUT", body: "content" });
    assertEquals(put.status, 507);
    assertMatch(
      put.json.detail,
      /10\.0 MiB are free on the server's disk \(20\.0 MiB are kept free/,
    );
    assertEquals((await program.ask("/files/")).status, 200);
    assertEquals((await vault.space())?.state, "low");
    const browser = await bench.browser();
    assertMatch(await browser.page("/healthz"), /^ok\ndisk low free=10485760 total=1073741824 /);
    assertMatch(await browser.page("/metrics"), /^towpath_disk_free_bytes 10485760$/m);
    assertMatch(await browser.page("/metrics"), /^towpath_disk_low 1$/m);
  },
  disk(10 * MIB, 20 * MIB).options,
);
