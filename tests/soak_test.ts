/** The judgements of the soak test can fail. */
import { assertEquals } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import { growthOf } from "../soak/memory.ts";
import { recount } from "../soak/quotas.ts";

const MIB = 1024 * 1024;

/** Measurements of a server: what it has, noise, and what it loses with each check, MiB. */
function samples(count: number, leakMib: number): number[] {
  return Array.from({ length: count }, (_, i) => {
    const noise = i * 50 % 61;
    return (180 + Math.min(i, 3) * 10 + noise + i * leakMib) * MIB;
  });
}

Deno.test("soak: memory that only varies is flat, and a leak is not", () => {
  assertEquals(growthOf(samples(12, 0)), undefined); // too few to judge
  for (const count of [13, 30, 60]) assertEquals(growthOf(samples(count, 0))!.tooMuch, false);
  assertEquals(growthOf(samples(30, 4))!.tooMuch, true);
  assertEquals(growthOf(samples(60, 2))!.tooMuch, true);
});

Deno.test("soak: an account whose use is not the sum of its files is reported", async () => {
  const data = await Deno.makeTempDir();
  try {
    const catalog = new DatabaseSync(`${data}/catalog.db`);
    catalog.exec(`
      CREATE TABLE accounts (name TEXT, used_bytes INTEGER, reserved_bytes INTEGER);
      CREATE TABLE files (owner TEXT, size INTEGER);
      CREATE TABLE uploads (owner TEXT);
      CREATE TABLE commits (owner TEXT);
      CREATE TABLE moves (owner TEXT);
      CREATE TABLE asides (owner TEXT, bytes INTEGER);
      INSERT INTO accounts VALUES ('right', 30, 0), ('wrong', 31, 0), ('held', 0, 5), ('open', 0, 0),
        ('aside', 0, 7);
      INSERT INTO asides VALUES ('aside', 3), ('aside', 4);
      INSERT INTO files VALUES ('right', 10), ('right', 20), ('wrong', 30);
      INSERT INTO uploads VALUES ('open');`);
    catalog.close();
    const reported: string[] = [];
    const log = { count() {}, surprise() {}, difference: (text: string) => reported.push(text) };
    assertEquals(recount(data, log), 5);
    assertEquals(reported.map((text) => text.split(":")[0]).sort(), ["held", "open", "wrong"]);
  } finally {
    await Deno.remove(data, { recursive: true });
  }
});
