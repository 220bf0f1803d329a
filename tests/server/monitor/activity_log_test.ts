// Lines about logins, transfers and shares: their sentences, their fields, and how many there may be.
import { assertEquals, assertMatch, assertNotMatch } from "@std/assert";
import { ActivityLog } from "../../../server/monitor/activity_log.ts";
import { jsonLine, type PlainRecord, textLine } from "../../../server/monitor/log_record.ts";
import { until } from "../../support/native.ts";
import { type AuditActor, type AuditEvent, NO_AUDIT } from "../../../storage/monitor/audit.ts";

const ALICE: AuditActor = { account: "alice", door: "ftp", address: "192.0.2.7", session: "s" };

/** The records of some events. */
function recordsOf(events: AuditEvent[], actor = ALICE): PlainRecord[] {
  const records: PlainRecord[] = [];
  const log = new ActivityLog(NO_AUDIT, (record) => records.push(record));
  for (const event of events) log.write(actor, event);
  log.flush();
  return structuredClone(records);
}

/** Level and sentence of one event. */
function sentence(event: AuditEvent, actor = ALICE): string {
  const [record] = recordsOf([event], actor);
  return record === undefined ? "" : `${record.level} ${record.message}`;
}

Deno.test("each event has its sentence", () => {
  const paths = ["/docs/a.txt"];
  const sentences: [AuditEvent, string][] = [
    [{ action: "login", result: "ok" }, "info alice logged in from 192.0.2.7"],
    [
      { action: "login", result: "too-many", repeated: 1234 },
      "warning Login of alice from 192.0.2.7 failed: too many, and 1,234 before it",
    ],
    [
      { action: "upload", result: "ok", paths, bytes: 3 * 1024 ** 2, ms: 1500 },
      'info alice uploaded "/docs/a.txt" from 192.0.2.7 (3.0 MiB in 1.5 s, 2.0 MiB/s)',
    ],
    [
      { action: "upload", result: "ok", paths: [...paths, "/docs/a_v2.txt"], bytes: 3, ms: 1 },
      'info alice uploaded "/docs/a.txt" as "/docs/a_v2.txt" from 192.0.2.7 (3 B in 1 ms)',
    ],
    [
      { action: "upload", result: "suspended", paths, bytes: 3, ms: 1 },
      'info Upload of "/docs/a.txt" by alice from 192.0.2.7 was cut off and can be resumed (3 B in 1 ms)',
    ],
    [
      { action: "download", result: "not-found", paths },
      'warning Download of "/docs/a.txt" by alice from 192.0.2.7 failed: not found',
    ],
    [
      { action: "share", result: "ok", paths, subject: "bob" },
      'info alice shared "/docs/a.txt" with "bob" from 192.0.2.7',
    ],
    [
      { action: "link", result: "ok", paths, subject: "id" },
      'info alice made a public link to "/docs/a.txt" from 192.0.2.7',
    ],
    [{ action: "list", result: "denied", paths }, ""],
  ];
  for (const [event, wanted] of sentences) assertEquals(sentence(event), wanted);
  assertEquals(
    sentence({ action: "login", result: "failed" }, { ...ALICE, account: null }),
    "warning Login from 192.0.2.7 failed: refused",
  );
});

Deno.test("a path forges no line, and JSON has the fields", () => {
  const path = "/x\n2026-01-01T00:00:00.000Z INFO ftp: forged\u001b[2J\u202e";
  const [record] = recordsOf([{ action: "upload", result: "ok", paths: [path], bytes: 5, ms: 2 }]);
  for (const line of [textLine(record!, false), jsonLine(record!, false)]) {
    assertEquals(line.indexOf("\n"), line.length - 1);
    // deno-lint-ignore no-control-regex
    assertNotMatch(line.trimEnd(), /[\u0000-\u001f\u007f-\u009f\u2028\u202e]/);
  }
  const { account, address, door, action, result, bytes, ms, paths } = JSON.parse(
    jsonLine(record!, false),
  );
  assertEquals(
    [account, address, door, action, result, bytes, ms, paths],
    ["alice", "192.0.2.7", "ftp", "upload", "ok", 5, 2, [path]],
  );
});

Deno.test("thousands of transfers in a second are some lines and a sum", async () => {
  const records: PlainRecord[] = [];
  const log = new ActivityLog(NO_AUDIT, (record) => records.push(record));
  const upload = { action: "upload", result: "ok", paths: ["/f"], bytes: 1024, ms: 1 } as const;
  for (let count = 0; count < 1254; count++) log.write(ALICE, upload);
  log.write(ALICE, { action: "login", result: "failed" }); // another kind is not held back
  assertEquals(records.length, 21); // in one turn, so in one period
  assertMatch(records.at(-1)!.message, /^Login of alice .* failed/);
  await until("they are summed up", () => records.length === 22);
  assertEquals(records.at(-1)!.message, "… and 1,234 more transfers (1.2 MiB)");
  log.write(ALICE, upload);
  assertMatch(records.at(-1)!.message, /^alice uploaded/);
  log.flush(); // nothing is left to be summed up
  assertEquals(records.length, 23);
});
