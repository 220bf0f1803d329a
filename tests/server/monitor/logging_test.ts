import { delay } from "@std/async";
import { assert, assertEquals, assertMatch, assertNotMatch } from "@std/assert";
import { getLogger } from "@logtape/logtape";
import { Health } from "../../../server/monitor/health.ts";
import { jsonLine, type PlainRecord, textLine } from "../../../server/monitor/log_record.ts";
import { openLogFile, sendRecordsTo, startLogging } from "../../../server/monitor/logging.ts";

function recordOf(log: (logger: ReturnType<typeof getLogger>) => void): PlainRecord {
  const records: PlainRecord[] = [];
  sendRecordsTo((record) => records.push(record), "debug");
  log(getLogger(["towpath", "native"]));
  assertEquals(records.length, 1);
  return structuredClone(records[0]!);
}

const FORGED = "x\n2026-01-01T00:00:00.000Z INFO native: forged\r\u001b[2J\u0085\u2028\u202e";

Deno.test("values cannot forge lines or steer a terminal", () => {
  const record = recordOf((log) =>
    log.warn("Login of {name} failed", { name: FORGED, address: FORGED, error: new Error(FORGED) })
  );
  for (const line of [textLine(record, false), jsonLine(record, false)]) {
    assertEquals(line.indexOf("\n"), line.length - 1);
    // deno-lint-ignore no-control-regex
    assertNotMatch(line.trimEnd(), /[\u0000-\u001f\u007f-\u009f\u2028\u202e]/);
  }
  assert(
    textLine(record, true).split("\n").slice(1, -1).every((line) => line.startsWith("    ")),
  );
});

Deno.test("a line has time, level, source, sentence and values", () => {
  const record = recordOf((log) =>
    log.info("Stored {name}", { name: "a.txt", bytes: 3, more: undefined })
  );
  assertMatch(textLine(record, false), /^20\S+Z INFO native: Stored a\.txt bytes=3\n$/);
  const { time: _, ...rest } = JSON.parse(jsonLine(record, false));
  assertEquals(rest, { level: "info", source: "native", message: "Stored a.txt", bytes: 3 });
});

Deno.test("stacks stay off the terminal", () => {
  const record = recordOf((log) => log.error("Failed: {error}", { error: new Error("why") }));
  assertNotMatch(textLine(record, false), /logging_test\.ts/);
  assertMatch(textLine(record, false), /Failed: Error: why/);
  assertMatch(textLine(record, true), /logging_test\.ts/);
});

function plain(message: string, level: PlainRecord["level"] = "info"): PlainRecord {
  return { level, source: "test", timestamp: Date.now(), message, values: {}, stacks: [] };
}

Deno.test("records below the level are not logged", async () => {
  const data = Deno.makeTempDirSync();
  try {
    const logs = startLogging(data, { format: "json", level: "error" }, new Health());
    logs.write(plain("below"));
    await logs[Symbol.asyncDispose]();
    assertEquals(Deno.readTextFileSync(`${data}/logs/server.log`), "");
  } finally {
    Deno.removeSync(data, { recursive: true });
  }
});

Deno.test("log files are private and rotated", async () => {
  const data = Deno.makeTempDirSync();
  const lines = 6000;
  const line = "x".repeat(1900);
  try {
    const file = openLogFile(data, "audit", () => {});
    for (let i = 0; i < lines; i++) {
      file.write(`${line}\n`);
      // As in a server: a turn of the event loop now and then, in which lines are written.
      if (i % 100 === 0) await delay(0);
    }
    await file[Symbol.asyncDispose]();
    const files = [...Deno.readDirSync(`${data}/logs`)].map(({ name }) => `${data}/logs/${name}`);
    assertEquals(files.length, 2);
    let bytes = 0;
    for (const path of files) {
      const { size, mode } = Deno.statSync(path);
      assert(size <= 10 * 1024 * 1024, `${path} has ${size} bytes`);
      assertEquals(mode! & 0o777, 0o600, path);
      bytes += size;
    }
    assertEquals(bytes, lines * (line.length + 1));
    assertEquals(Deno.statSync(`${data}/logs`).mode! & 0o777, 0o700);
  } finally {
    Deno.removeSync(data, { recursive: true });
  }
});
