import assert from "node:assert/strict";
import { getLogger } from "@logtape/logtape";
import { jsonLine, type PlainRecord, textLine } from "../../server/log_record.ts";
import { sendRecordsTo, startLogging } from "../../server/logging.ts";

function recordOf(log: (logger: ReturnType<typeof getLogger>) => void): PlainRecord {
  const records: PlainRecord[] = [];
  sendRecordsTo((record) => records.push(record), "debug");
  log(getLogger(["towpath", "native"]));
  assert.equal(records.length, 1);
  return structuredClone(records[0]!);
}

const FORGED = "x\n2026-01-01T00:00:00.000Z INFO native: forged\r\u001b[2J\u0085\u2028\u202e";

Deno.test("values cannot forge lines or steer a terminal", () => {
  const record = recordOf((log) =>
    log.warn("Login of {name} failed", { name: FORGED, address: FORGED, error: new Error(FORGED) })
  );
  for (const line of [textLine(record, false), jsonLine(record, false)]) {
    assert.equal(line.indexOf("\n"), line.length - 1);
    // deno-lint-ignore no-control-regex
    assert.doesNotMatch(line.trimEnd(), /[\u0000-\u001f\u007f-\u009f\u2028\u202e]/);
  }
  assert.ok(
    textLine(record, true).split("\n").slice(1, -1).every((line) => line.startsWith("    ")),
  );
});

Deno.test("a line tells time, level, source, sentence and values", () => {
  const record = recordOf((log) => log.info("Stored {name}", { name: "a.txt", bytes: 3 }));
  assert.match(textLine(record, false), /^20\S+Z INFO native: Stored a\.txt bytes=3\n$/);
  const { time: _, ...rest } = JSON.parse(jsonLine(record, false));
  assert.deepEqual(rest, { level: "info", source: "native", message: "Stored a.txt", bytes: 3 });
});

Deno.test("stacks stay off the terminal", () => {
  const record = recordOf((log) => log.error("Failed: {error}", { error: new Error("why") }));
  assert.doesNotMatch(textLine(record, false), /logging_test\.ts/);
  assert.match(textLine(record, false), /Failed: Error: why/);
  assert.match(textLine(record, true), /logging_test\.ts/);
});

Deno.test("the log file is private, and its size is bounded", async () => {
  const data = Deno.makeTempDirSync();
  try {
    const logs = startLogging(data, { format: "json", level: "error" });
    const record = (message: string): PlainRecord => ({
      level: "info",
      source: "test",
      timestamp: Date.now(),
      message,
      values: {},
      stacks: [],
    });
    logs.write(record("below the level"));
    await logs[Symbol.asyncDispose]();
    assert.equal(Deno.readTextFileSync(`${data}/logs/server.log`), "");
    assert.equal(Deno.statSync(`${data}/logs/server.log`).mode! & 0o777, 0o600);
    assert.equal(Deno.statSync(`${data}/logs`).mode! & 0o777, 0o700);
  } finally {
    Deno.removeSync(data, { recursive: true });
  }
});
