/** Lines on a terminal of 60 and of 100 columns (docs/cli.md, "Client"). */
import { assert, assertEquals, assertMatch, assertNotMatch } from "@std/assert";
import { LiveLines } from "../../../client/cli/terminal/live_lines.ts";
import { row } from "../../../client/cli/terminal/progress_bars.ts";
import { noise, World } from "../world.ts";
import { inTerminal } from "../../support/client/client_terminal.ts";
import { screenLines } from "../../support/client/screen.ts";

for (const columns of [60, 100]) {
  Deno.test(`lines above the bars are whole at ${columns} columns`, () => {
    let output = "";
    const lines = new LiveLines((text) => output += text.replaceAll("\n", "\r\n"), () => columns);
    const long = "a rather long line ".repeat(10).trim();
    const bar = (offset: number) =>
      row({ name: "n".repeat(90), size: 100, offset, rate: { perSecond: 10 } }, columns - 1);
    lines.show([bar(10), bar(20)]);
    lines.above(`${long}\n`);
    lines.show([bar(30), bar(40)]);
    lines.above("short");
    lines.show([bar(50)]);
    assertEquals(screenLines(output, columns), [long, "short", bar(50).trimEnd()]);
    lines.show([]);
    assertEquals(screenLines(output, columns), [long, "short"]);
  });
}

Deno.test("transfers on narrow and wide terminals", async (t) => {
  await using world = await World.start();
  const names = Array.from({ length: 4 }, (_, number) => `a rather long name of a file ${number}`);
  names.forEach((name, number) => world.write(name, noise(900_000, number + 1)));
  const place = "/where/long/names/of/directories/are/used/for/no/good/reason/at/all/";

  for (const columns of [60, 100]) {
    await t.step(`names are whole at ${columns} columns, and the bars are gone`, async () => {
      const to = `${place}${columns}/`;
      const args = ["upload", ...names, "--to", to, "--parallel", "2", "--limit-rate", "3M"];
      const env = { ...world.env(), TERMINAL_COLUMNS: String(columns), NO_COLOR: "1" };
      const { code, shown } = await inTerminal(args, env, []);
      assertEquals(code, 0, shown);
      assertMatch(shown, /[█░]/);
      // deno-lint-ignore no-control-regex
      assertNotMatch(shown, /\x1b\[[\d;]*m/);
      const lines = screenLines(shown, columns);
      assertEquals(lines.slice(0, -1).sort(), names.map((name) => to + name), shown);
      assertMatch(lines.at(-1)!, /^Uploaded 4 files, 3\.4 MiB in .*, every checksum verified\.$/);
    });
  }

  await t.step("TERM=dumb: no bars and no controls", async () => {
    const args = ["upload", ...names, "--to", "/dumb/", "--limit-rate", "6M"];
    const { code, shown } = await inTerminal(args, { ...world.env(), TERM: "dumb" }, []);
    assertEquals(code, 0, shown);
    assert(!shown.includes("\x1b") && !/[█░%]/.test(shown), shown);
  });

  await t.step("list -l: sizes and times for people; the checksum with --hash", async () => {
    world.write("dir/small", "hi");
    assertEquals((await world.run(["upload", "-r", "dir", "--to", "/dir"])).code, 0);
    assertEquals((await world.run(["mkdir", "/dir/empty"])).code, 0);
    const env = { ...world.env(), TERMINAL_COLUMNS: "60" };
    const { shown: long } = await inTerminal(["list", "-l", "/dir"], env, []);
    assertEquals(
      screenLines(long, 60).map((line) => line.replace(/\d{4}-\S+ \d\d:\d\d/, "TIME")),
      [
        "-  TIME  empty/",
        "2 B  TIME  small",
      ].map((line, index) => index === 0 ? `  ${line}` : line),
    );
    const { shown: hashes } = await inTerminal(["list", "--hash", "/dir"], env, []);
    assertMatch(screenLines(hashes, 60).at(-1)!, /^2 B +\S+ \S+ +[0-9a-f]{64} +small$/);
  });

  await t.step("list marks directories", async () => {
    const { shown } = await inTerminal(["list", "/dir"], world.env(), []);
    assertEquals(screenLines(shown, 80), ["empty/", "small"]);
  });

  await t.step(
    "list elsewhere: plain names and exact figures; an empty directory is reported",
    async () => {
      assertEquals((await world.run(["list", "/dir"])).stdout, "empty\nsmall\n");
      const { stdout } = await world.run(["list", "-l", "/dir"]);
      assertMatch(stdout, /^2 +\d{4}-\d\d-\d\d \d\d:\d\d:\d\d +[0-9a-f]{64} +small$/m);
      const empty = await world.run(["list", "/dir/empty"]);
      assertEquals([empty.stdout, empty.stderr], ["", '"/dir/empty" is empty.\n']);
    },
  );
});
