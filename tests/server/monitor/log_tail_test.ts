import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { logReader } from "../../../server/monitor/log_tail.ts";
import type { LogQuery } from "../../../server/door/door.ts";

/** Writes log files and asks for their end. */
async function withLogs(
  files: Record<string, string>,
  work: (tail: (query?: Partial<LogQuery>) => Promise<string[]>) => Promise<void>,
): Promise<void> {
  const data = await Deno.makeTempDir();
  try {
    await Deno.mkdir(`${data}/logs`);
    for (const [name, text] of Object.entries(files)) {
      await Deno.writeTextFile(`${data}/logs/${name}`, text);
    }
    const { tail } = logReader(data);
    await work((query = {}) => tail({ name: "server", lines: 200, ...query }));
  } finally {
    await Deno.remove(data, { recursive: true });
  }
}

const numbered = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, i) => `2026-01-01T00:00:00Z INFO main: line ${from + i}`);
const text = (lines: string[]) => lines.map((line) => line + "\n").join("");

Deno.test("the last lines come, oldest first, across rotated files", async () => {
  const files = {
    "server.log": text(numbered(20, 30)),
    "server.log.1": text(numbered(10, 20)),
    "server.log.2": text(numbered(0, 10)),
  };
  await withLogs(files, async (tail) => {
    assertEquals(await tail(), numbered(0, 30));
    assertEquals(await tail({ lines: 3 }), numbered(27, 30));
    assertEquals(await tail({ lines: 12 }), numbered(18, 30));
    assertEquals(await tail({ lines: 0 }), []);
    assertEquals(await tail({ contains: "line 1" }), [...numbered(1, 2), ...numbered(10, 20)]);
    assertEquals(await tail({ name: "web" }), []);
  });
});

Deno.test("lines at the borders of blocks are whole", async () => {
  const lines = Array.from({ length: 5000 }, (_, i) => `ä${"x".repeat(i % 97)}😀${i}`);
  await withLogs({ "server.log": text(lines) }, async (tail) => {
    assertEquals(await tail({ lines: 5000 }), lines);
  });
  await withLogs({ "server.log": "no line feed at its end" }, async (tail) => {
    assertEquals(await tail(), ["no line feed at its end"]);
  });
  await withLogs({ "server.log": "" }, async (tail) => assertEquals(await tail(), []));
});

Deno.test("the level is the least, in text and JSON; stacks go with their line", async () => {
  const lines = [
    "2026-01-01T00:00:00Z DEBUG main: a",
    "2026-01-01T00:00:00Z WARNING native: b",
    "    at stack of b",
    "2026-01-01T00:00:00Z INFO main: c ERROR ",
    "    at stack of c",
    '{"time":"x","level":"error","message":"d","name":"\\"level\\":\\"debug\\""}',
    '{"time":"x","level":"info","message":"\\"level\\":\\"error\\""}',
  ];
  await withLogs({ "server.log": text(lines) }, async (tail) => {
    assertEquals(await tail({ level: "debug" }), lines);
    assertEquals(await tail({ level: "warning" }), [lines[1], lines[2], lines[5]]);
    assertEquals(await tail({ level: "error" }), [lines[5]]);
    assertEquals(await tail({ level: "warning", contains: "stack" }), [lines[2]]);
  });
});

Deno.test("the bytes read and returned are bounded, with any content of the file", async () => {
  const long = "x".repeat(40 * 1024 * 1024);
  await withLogs({ "server.log": `${long}\nshort\n` }, async (tail) => {
    assertEquals(await tail({ lines: 1 }), ["short"]);
    assertEquals((await tail()).at(-1), "short");
    assert((await tail()).every((line) => line.length <= 16 * 1024));
  });
  const wide = Array.from({ length: 3000 }, (_, i) => `${i} ${'"'.repeat(500)}`);
  await withLogs({ "server.log": text(wide) }, async (tail) => {
    const lines = await tail({ lines: 10_000 });
    assert(JSON.stringify(lines).length < 1024 * 1024);
    assertStrictEquals(lines.at(-1), wide.at(-1));
    assert(lines.length > 500);
  });
});
