import { assert, assertEquals, assertMatch } from "@std/assert";
import { LogFile } from "../../../server/monitor/log_file.ts";
import { until } from "../../support/native.ts";

/** A log file in a directory of its own, with what it reported of its troubles. */
class Place implements AsyncDisposable {
  readonly directory = Deno.makeTempDirSync({ prefix: "towpath-log-" });
  readonly path = `${this.directory}/logs/audit.log`;
  readonly troubles: [string | undefined, number][] = [];
  readonly file: LogFile;

  constructor(maxBytes = 1000) {
    this.file = new LogFile(this.path, {
      maxBytes,
      maxOldFiles: 2,
      flushMs: 1,
      onTrouble: (reason, lost) => this.troubles.push([reason, lost]),
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.file[Symbol.asyncDispose]();
    Deno.removeSync(this.directory, { recursive: true });
  }

  /** Waits until a file of the directory holds a text. */
  async holds(name: string, text: string): Promise<void> {
    await until(`${name} holds ${JSON.stringify(text)}`, () => {
      try {
        return Promise.resolve(Deno.readTextFileSync(`${this.directory}/logs/${name}`) === text);
      } catch {
        return Promise.resolve(false);
      }
    });
  }
}

Deno.test("a log file that was renamed is left, and its name is made again", async () => {
  await using place = new Place();
  place.file.write("one\n");
  await place.holds("audit.log", "one\n");
  Deno.renameSync(place.path, `${place.path}.old`);
  place.file.write("two\n");
  await place.holds("audit.log", "two\n");
  await place.holds("audit.log.old", "one\n");
  assertEquals(Deno.statSync(place.path).mode! & 0o777, 0o600);
  assertEquals(place.troubles, []);
});

Deno.test("a log file is rotated by size, whole lines each, and the oldest goes", async () => {
  await using place = new Place(10);
  for (const line of ["1234567\n", "2345678\n", "3456789\n", "4567890\n"]) {
    place.file.write(line);
    await place.holds("audit.log", line);
  }
  await place.holds("audit.log.1", "3456789\n");
  await place.holds("audit.log.2", "2345678\n");
  assertEquals([...Deno.readDirSync(`${place.directory}/logs`)].length, 3);
});

Deno.test("lines wait while a log file cannot be written, and the trouble is reported once", async () => {
  await using place = new Place();
  Deno.removeSync(place.path);
  Deno.mkdirSync(place.path); // not even root can write it
  place.file.write("one\n");
  await until("the trouble is reported", () => Promise.resolve(place.troubles.length > 0));
  place.file.write("two\n");
  assertMatch(place.troubles[0]![0]!, /audit\.log: Is a directory/);
  assert(place.file.trouble !== undefined);
  Deno.removeSync(place.path);
  await place.holds("audit.log", "one\ntwo\n");
  await until("it is well again", () => Promise.resolve(place.file.trouble === undefined));
  assertEquals(place.troubles.slice(1), [[undefined, 0]]);
});

Deno.test("a backlog is bounded, and lines that were dropped are counted", async () => {
  await using place = new Place(100 * 1024 * 1024);
  Deno.removeSync(place.path);
  Deno.mkdirSync(place.path);
  place.file.write("first\n");
  await until("the trouble is reported", () => Promise.resolve(place.troubles.length > 0));
  const lines = `${"x".repeat(1023)}\n`.repeat(1024);
  for (let i = 0; i < 8; i++) place.file.write(lines);
  Deno.removeSync(place.path);
  await until("it is well again", () => Promise.resolve(place.file.trouble === undefined));
  const lost = place.troubles.at(-1)![1];
  assert(lost >= 4 * 1024 && lost % 1024 === 0, `${lost} lines were lost`);
  const kept = Deno.readTextFileSync(place.path).split("\n").length - 1;
  assertEquals(kept + lost, 1 + 8 * 1024);
});
