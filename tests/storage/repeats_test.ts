/** Stored uploads are remembered by account, place, key and content, for some time and number. */
import assert from "node:assert/strict";
import type { Committed } from "../../storage/commit_job.ts";
import { Repeats } from "../../storage/repeats.ts";

function stored(path: string, hash = "h"): Committed {
  return { path, hash, version: 1, size: 1, mtimeMs: 1, storedMs: 1, damaged: false };
}

const at = (path: string, account = "alice", owner = "alice") => ({ account, owner, path });

Deno.test("one key of many places: each is found by its own", () => {
  const repeats = new Repeats();
  const places = [at("/a"), at("/b"), at("/a", "bob", "alice"), at("/a", "bob", "bob"), at("/c")];
  for (const place of places) {
    assert.equal(repeats.find(place, "key", "h"), undefined);
    repeats.note(place, "key", stored(`${place.account}${place.owner}${place.path}`));
  }
  for (const place of places) {
    const found = repeats.find(place, "key", "h");
    assert.equal(found?.path, `${place.account}${place.owner}${place.path}`);
    assert.equal(repeats.find(place, "key", "other content"), undefined);
    assert.equal(repeats.find(place, "another", "h"), undefined);
  }
});

Deno.test("what was stored last counts, also where the key has other places", () => {
  const repeats = new Repeats();
  repeats.note(at("/a"), "key", stored("/a"));
  repeats.note(at("/b"), "key", stored("/b"));
  for (const path of ["/a", "/b"]) {
    repeats.note(at(path), "key", stored(`${path}_v2`, "h2"));
    assert.equal(repeats.find(at(path), "key", "h2")?.path, `${path}_v2`);
    assert.equal(repeats.find(at(path), "key", "h"), undefined);
  }
});

Deno.test("the last so many are remembered, and no more than twice as many", () => {
  const repeats = new Repeats(10);
  const isKnown = (number: number) =>
    repeats.find(at(`/${number}`), `${number}`, "h") !== undefined;
  for (let number = 0; number < 100; number++) {
    repeats.note(at(`/${number}`), `${number}`, stored(`/${number}`));
    for (let last = Math.max(0, number - 9); last <= number; last++) assert.ok(isKnown(last));
    for (let old = 0; old <= number - 20; old++) assert.ok(!isKnown(old));
  }
});
