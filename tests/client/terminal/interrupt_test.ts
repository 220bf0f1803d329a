import { assert, assertEquals, assertMatch } from "@std/assert";
import { noise, sha256, until, World } from "../world.ts";
import { FaultProxy } from "../../support/client/client_proxy.ts";

const MIB = 1024 * 1024;
const SIZE = 48 * MIB;

Deno.test("client transfers survive interruptions", async (t) => {
  await using world = await World.start();
  const content = noise(SIZE);
  const hash = sha256(content);
  world.write("big.bin", content);
  const { server } = world;
  const uploaded = async (bytes: number) => await world.uploadedBytes() > bytes;

  for (const kind of ["reset", "silent"] as const) {
    // Only what is silent has to be waited for; a machine under load is silent for a second too.
    const timeout = kind === "silent" ? ["--timeout", "2s"] : [];
    await t.step(`an upload goes on by itself after connections that ${kind}`, async () => {
      using proxy = new FaultProxy(server.port);
      for (const share of [0.1, 0.4, 0.3]) proxy.faults.push({ kind, afterBytes: SIZE * share });
      const { code, events, stderr } = await world.run(
        ["upload", "big.bin", "--to", `${kind}.bin`, "--json", ...timeout],
        { env: world.env(proxy.port) },
      );
      assertEquals(code, 0, stderr);
      const done = events.at(-1)!;
      assertEquals([done.event, done.filename, done.hash], ["done", `/${kind}.bin`, hash]);
      assert(Number(done.resumed_from) > SIZE * 0.3);
      assertEquals(events.filter((one) => one.event === "retry").length, 3);
      assert(proxy.sent < SIZE + 16 * MIB, `${proxy.sent} bytes were sent`);
      assertMatch(stderr, /Uploaded 1 file, 4[78]\.\d MiB in/); // of all tries
    });

    await t.step(`a download goes on by itself after connections that ${kind}`, async () => {
      using proxy = new FaultProxy(server.port);
      for (const share of [0.1, 0.4, 0.3]) proxy.faults.push({ kind, afterBytes: SIZE * share });
      const { code, events, stderr } = await world.run(
        ["download", `${kind}.bin`, "--json", ...timeout],
        { env: world.env(proxy.port) },
      );
      assertEquals(code, 0, stderr);
      assert(Number(events.at(-1)!.resumed_from) > SIZE * 0.3);
      assertEquals(sha256(Deno.readFileSync(world.path(`${kind}.bin`))), hash);
      assert(proxy.received < SIZE + 16 * MIB);
    });
  }

  await t.step("standard input goes on by itself after a reset", async () => {
    using proxy = new FaultProxy(server.port);
    proxy.faults.push({ kind: "reset", afterBytes: SIZE / 2 });
    const { code, events, stderr } = await world.run(
      ["upload", "-", "--name", "piped.bin", "--json"],
      { env: world.env(proxy.port), stdin: content as Uint8Array<ArrayBuffer> },
    );
    assertEquals(code, 0, stderr);
    assertEquals(events.at(-1)!.hash, hash);
    assert(Number(events.at(-1)!.resumed_from) > 0);
  });

  await t.step("a reply lost at the very end makes no further version", async () => {
    using proxy = new FaultProxy(server.port);
    // Everything arrives, but nothing that the server says after its first replies comes back.
    const size = MIB;
    world.write("last.bin", content.subarray(0, size));
    for (let bytes = size; bytes < size + 8192; bytes += 1024) {
      proxy.faults.splice(0);
      proxy.faults.push({ kind: "reset", afterBytes: bytes });
      const { code, stderr } = await world.run([
        "upload",
        "last.bin",
        "--json",
        "--if-exists",
        "version",
      ], {
        env: world.env(proxy.port),
      });
      assertEquals(code, 0, stderr);
      const listed = await world.run(["versions", "last.bin", "--json"]);
      assertEquals((listed.events[0]!.versions as unknown[]).length, 1, `cut after ${bytes}`);
      await world.run(["rm", "last.bin"]);
    }
  });

  await t.step("Ctrl-C checkpoints an upload, and resume finishes it", async () => {
    const started = world.start(["upload", "big.bin", "--to", "c.bin", "--limit-rate", "8M"]);
    await until("bytes arrive", () => uploaded(2 * MIB));
    started.kill("SIGINT");
    const { code, stderr } = await started.run;
    assertEquals(code, 130);
    assertMatch(stderr, /client resume big\.bin/);
    assertEquals((await world.run(["stat", "c.bin"])).code, 4);
    const parts = (await world.run(["parts", "--json"])).events[0]!.parts as Record<
      string,
      unknown
    >[];
    assertEquals(parts.map((part) => [part.direction, part.filename, part.local]), [
      ["upload", "/c.bin", world.path("big.bin")],
    ]);
    const resumed = await world.run(["resume", "big.bin", "--json"]);
    assertEquals(resumed.code, 0, resumed.stderr);
    const done = resumed.events.at(-1)!;
    assertEquals([done.filename, done.hash], ["/c.bin", hash]);
    assert(Number(done.resumed_from) > 2 * MIB);
    assertEquals((await world.run(["resume", "big.bin"])).code, 4);
  });

  await t.step("Ctrl-C keeps a download, and resume without arguments finishes it", async () => {
    const started = world.start(["download", "c.bin", "--limit-rate", "8M"]);
    await until("bytes arrive", () => world.partSize("c.bin") > 2 * MIB);
    started.kill("SIGINT");
    assertEquals((await started.run).code, 130);
    assertEquals(world.has("c.bin"), false);
    const { code, events } = await world.run(["resume", "--json"]);
    assertEquals(code, 0);
    assert(Number(events.at(-1)!.resumed_from) > 2 * MIB);
    assertEquals(sha256(Deno.readFileSync(world.path("c.bin"))), hash);
  });

  await t.step("kill -9 of the client, then resume", async () => {
    const started = world.start(["upload", "big.bin", "--to", "k.bin", "--limit-rate", "8M"]);
    await until("bytes arrive", () => uploaded(2 * MIB));
    started.kill("SIGKILL");
    await started.run;
    const { code, events } = await world.run(["resume", "--json"]);
    assertEquals(code, 0);
    assertEquals([events.at(-1)!.filename, events.at(-1)!.hash], ["/k.bin", hash]);
    assert(Number(events.at(-1)!.resumed_from) > MIB);
  });

  await t.step("kill -9 of the server: the client waits for it and goes on", async () => {
    const started = world.start([
      ...["upload", "big.bin", "--to", "s.bin", "--limit-rate", "16M"],
      ...["--json", "--retries", "20"],
    ]);
    await until("bytes arrive", () => uploaded(8 * MIB));
    await server.kill9();
    await server.start();
    const { code, events, stderr } = await started.run;
    assertEquals(code, 0, stderr);
    assertEquals(events.at(-1)!.hash, hash);
    assert(events.some((one) => one.event === "retry"));
  });

  await t.step("a local file that changed is never spliced", async () => {
    const started = world.start(["upload", "big.bin", "--to", "x.bin", "--limit-rate", "8M"]);
    await until("bytes arrive", () => uploaded(2 * MIB));
    started.kill("SIGKILL");
    await started.run;
    const other = noise(SIZE, 2);
    world.write("big.bin", other);
    const { code, events } = await world.run(["resume", "big.bin", "--json"]);
    assertEquals(code, 0);
    const { filename, resumed_from } = events.at(-1)!;
    assertEquals([filename, resumed_from], ["/x.bin", 0]);
    assertEquals(events.at(-1)!.hash, sha256(other));
  });

  await t.step("a file that changes while it is sent is exit code 8, nothing visible", async () => {
    const started = world.start(["upload", "big.bin", "--to", "y.bin", "--limit-rate", "24M"]);
    await until("bytes arrive", () => uploaded(2 * MIB));
    Deno.utimeSync(world.path("big.bin"), new Date(), new Date(1_700_000_000_000));
    const { code, stderr } = await started.run;
    assertEquals(code, 8);
    assertMatch(stderr, /changed while it was sent/);
    assertEquals((await world.run(["stat", "y.bin"])).code, 4);
    assertEquals((await world.run(["parts", "--json"])).events[0]!.parts, []);
  });

  await t.step("a remote file that changed is fetched again", async () => {
    await world.run(["cp", "c.bin", "r.bin"]);
    const started = world.start(["download", "r.bin", "--limit-rate", "8M"]);
    await until("bytes arrive", () => world.partSize("r.bin") > 2 * MIB);
    started.kill("SIGKILL");
    await started.run;
    await world.run(["upload", "big.bin", "--to", "r.bin", "--overwrite"]);
    const { code, events } = await world.run(["download", "r.bin", "--resume", "--json"]);
    assertEquals(code, 0);
    assertEquals(events.at(-1)!.resumed_from, 0);
    assertEquals(sha256(Deno.readFileSync(world.path("r.bin"))), sha256(noise(SIZE, 2)));
  });

  await t.step("a part that is not of this file is fetched again without any memory", async () => {
    world.write(".c2.bin.0123abcd.towpath-part", noise(MIB, 3));
    const { code, events } = await world.run(
      ["download", "c.bin", "--to", "c2.bin", "--resume", "--json"],
      { env: { XDG_CONFIG_HOME: "/nonexistent" } },
    );
    assertEquals(code, 0);
    assertEquals(events.at(-1)!.resumed_from, 0);
    assertEquals(sha256(Deno.readFileSync(world.path("c2.bin"))), hash);
  });

  await t.step("resume without any memory finds the upload at the server", async () => {
    const none = { XDG_CONFIG_HOME: "", HOME: "" };
    const started = world.start(["upload", "big.bin", "--limit-rate", "8M"], none);
    await until("bytes arrive", () => uploaded(2 * MIB));
    started.kill("SIGKILL");
    await started.run;
    const { code, events } = await world.run(["resume", "big.bin", "--json"], { env: none });
    assertEquals(code, 0);
    assertEquals(events.at(-1)!.filename, "/big.bin");
    assert(Number(events.at(-1)!.resumed_from) > MIB);
  });
});
