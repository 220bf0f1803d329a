/** `--download-dir`, `--incomplete-dir`, `--log-file`, and the user's name as a word of `login`. */
import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import { ClientError } from "../../client/lib/common/error.ts";
import { keepIncompleteIn } from "../../client/lib/local/incomplete.ts";
import { newPartPath } from "../../client/lib/local/part_name.ts";
import { noise, sha256, World } from "./world.ts";
import { until } from "../support/native.ts";

Deno.test("where downloads go, what is logged, and whose login it is", async (t) => {
  await using world = await World.start();
  const content = noise(3_000_000);
  world.write("big.bin", content);
  world.write("small.txt", "small");
  const upload = await world.run(["upload", "big.bin", "small.txt"]);
  assertEquals(upload.code, 0, upload.stderr);
  const places = ["--download-dir", "got/here", "--incomplete-dir", "incomplete"];
  const incomplete = () => [...Deno.readDirSync(world.path("incomplete"))].map(({ name }) => name);

  await t.step("files are in the incomplete directory until they are whole", async () => {
    const child = world.start(["download", "/big.bin", ...places, "--limit-rate", "300K"]);
    await until("bytes are there", () => {
      try {
        return incomplete().some((name) =>
          /^\.big\.bin\.[0-9a-f]{8}\.towpath-part$/.test(name) &&
          Deno.statSync(world.path(`incomplete/${name}`)).size > 100_000
        );
      } catch {
        return false;
      }
    });
    assertEquals([...Deno.readDirSync(world.path("got/here"))], []);
    child.kill("SIGINT");
    assertEquals((await child.run).code, 130);
    assertEquals(incomplete().length, 1);
    // The state knows where it is, without the option.
    const resumed = await world.run(["resume", "--json"]);
    assertEquals(resumed.code, 0, resumed.stderr);
    const { resumed_from } = resumed.events.find(({ event }) => event === "done")!;
    assert(Number(resumed_from) > 0);
    assertEquals(incomplete(), []);
    assertEquals(sha256(Deno.readFileSync(world.path("got/here/big.bin"))), sha256(content));
  });

  await t.step("small files and --to, and an existing name", async () => {
    assertEquals((await world.run(["download", "/small.txt", ...places])).code, 0);
    assertEquals(world.read("got/here/small.txt"), "small");
    assertEquals((await world.run(["download", "/small.txt", ...places])).code, 8);
    const env = { TOWPATH_DOWNLOAD_DIR: "got/there", TOWPATH_INCOMPLETE_DIR: "incomplete" };
    assertEquals((await world.run(["download", "/small.txt"], { env })).code, 0);
    assertEquals(world.read("got/there/small.txt"), "small");
    assertEquals((await world.run(["download", "/small.txt", "--to", "own"], { env })).code, 0);
    assertEquals(world.read("own"), "small");
    assertEquals(incomplete(), []);
  });

  await t.step("a directory on another file system is refused before anything comes", () => {
    const other = "/dev/shm";
    try {
      if (Deno.statSync(other).dev === Deno.statSync(world.home).dev) return;
    } catch {
      return; // there is none on this machine
    }
    const directory = Deno.makeTempDirSync({ dir: other });
    try {
      keepIncompleteIn(directory);
      const error = assertThrows(() => newPartPath(world.path("file")), ClientError);
      assertMatch(
        error.message,
        /is on another file system\. Choose an --incomplete-dir on the sa/,
      );
      assertEquals([...Deno.readDirSync(directory)], []);
    } finally {
      Deno.removeSync(directory);
    }
  });

  await t.step("the log has what the client did, and no secret", async () => {
    const log = ["--log-file", "client.log"];
    const token = (await world.run(["token", "create", ...log])).stdout.trim();
    assertEquals((await world.run(["hash", "/small.txt", ...log, "--log-format", "json"])).code, 0);
    assertEquals((await world.run(["stat", "/none", ...log])).code, 4);
    const request = JSON.stringify({ username: "x", password: "horse battery" });
    await world.run(["raw", "ADDU", request, ...log]);
    await world.run(["shell", ...log], { stdin: "USER admin\nPASS wrong battery\nPWD\n" });
    await world.run(["upload", "small.txt", "--to", "/again", ...log]);
    await world.run(["whoami", "--server", "https://bob:battery@localhost:1", ...log]);
    const text = world.read("client.log");
    const lines = text.trimEnd().split("\n");
    assertEquals(lines.filter((line) => line.endsWith("client: Done")).length, 4, text);
    assertMatch(lines[0]!, /^\d{4}-\d\d-\d\dT[\d:.]+Z INFO client: token "create"$/);
    const json = lines.filter((line) => line.startsWith("{")).map((line) => JSON.parse(line));
    assertEquals(json[0].message, 'hash "/small.txt"');
    assertEquals(Object.keys(json[0]), ["time", "level", "source", "message"]);
    assertMatch(text, / ERROR client: .*none.* filename="\/none" code=4 status="FILE_NOT_FOUND"/);
    assertMatch(text, / INFO client: Done filename="\/again" size=5 hash="[0-9a-f]{64}"/);
    for (const secret of [token, "battery", world.server.password]) {
      assert(!text.includes(secret), text);
    }
    assertEquals(Deno.statSync(world.path("client.log")).mode! & 0o777, 0o600);
    await world.run(["menu", "--log-file", "menu.log"], { stdin: "9\n4 none\ny\n" });
    const ofMenu = world.read("menu.log").trimEnd().split("\n").map((line) => line.slice(25));
    assertEquals(ofMenu.map((line) => line.split(" ", 3).join(" ")), [
      "INFO client: menu",
      "INFO client: Logged",
      "ERROR client: Cannot",
      "INFO client: Done",
    ]);
    const wrong = await world.run(["whoami", "--log-file", "none/client.log"]);
    assertEquals(wrong.code, 4);
    assertMatch(wrong.stderr, /^Cannot write the log file "[^"]*none\/client\.log": /);
  });

  await t.step("login USER, with --host and --port", async () => {
    const env = { TOWPATH_USER: "", TOWPATH_SERVER: "" };
    const at = ["--host", "localhost", "--port", String(world.server.port)];
    const { code, stdout, stderr } = await world.run(["login", "admin", ...at], { env });
    assertEquals(code, 0, stderr);
    assertMatch(stdout, /^Logged in as admin at localhost:/);
    const both = await world.run(["login", "admin", "--user", "bob", ...at], { env });
    assertEquals(both.code, 2);
    assertMatch(both.stderr, /"admin" and --user name different users/);
    await world.run(["logout"]);
  });
});
