/**
 * Published migrations stay as they are: a database that has one applied never gets a later text of
 * it. A change of the schema is a migration with a number of its own.
 */
import { assert, assertEquals } from "@std/assert";
import { createHash } from "node:crypto";
import { MIGRATIONS } from "../../storage/cluster/migrations/all.ts";

/** SHA-256 of the statements of each published migration. Rows are added, and none is changed. */
const PUBLISHED: Readonly<Record<number, string>> = {
  1: "197f049a7f228f42ec687db507399fb554bfaf1b8c122f6ac5019dea8218bcbf",
  2: "2a6fd6b9f15d73d50ce2c80b6222ab84fad1662c44c42a48343eea2e18dc22db",
  3: "a72b7c9f5259003871306b0bcdb0b111ebb0b3151775fe33632e5d6391e23cf4",
  10: "440ca1de3bcfc576f66d2ff2e2d056486085f4ea021699ed18d0966c7783fb0f",
  11: "7d8c7bc5066db3d02c3a1bdc04d2beafe34f0b6692ce6879f416b35f7fbf56bb",
  12: "f3bf44ede544fd71f654492acfac9134acb53d6b161ec808c942f1120855b516",
  13: "e91b95314fcb0ef86095a5219c23130aeff58b2fde961c58d67b607478434999",
  14: "88a53f40637a7a65e98bcbfac99906910b0c8b48ee968d3d3458c2f0bec60920",
  15: "73af77c43ac54c8955da844603256f1386708ca80d8f4d5a1c0cd6c05e4ac185",
  16: "00a8c1814479b08f090792d06ccdfa04868d68fff0f4f7f209e8f397a71967f8",
};

Deno.test("published migrations are not changed, removed or preceded by new ones", () => {
  const digests = new Map(
    MIGRATIONS.map(({ number, sql }) => [number, createHash("sha256").update(sql).digest("hex")]),
  );
  for (const [number, digest] of Object.entries(PUBLISHED)) {
    assertEquals(
      digests.get(Number(number)),
      digest,
      `Migration ${number} is published, and is not as it was: put the change into a new one`,
    );
  }
  const newest = Math.max(...Object.keys(PUBLISHED).map(Number));
  for (const number of digests.keys()) {
    assert(
      number in PUBLISHED || number > newest,
      `Migration ${number} is new: its number must be above ${newest}`,
    );
  }
});

Deno.test("migrations have numbers of their own, in order", () => {
  const numbers = MIGRATIONS.map(({ number }) => number);
  assertEquals(numbers, [...new Set(numbers)].sort((a, b) => a - b));
});
