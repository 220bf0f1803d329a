import assert from "node:assert/strict";
import type { UploadNote } from "../../storage/contract/books/upload_note_book.ts";
import { account, type Holds, upload } from "./catalog_samples.ts";

function note(id: string, change: Partial<UploadNote> = {}): UploadNote {
  return { id, account: "alice", text: `text of ${id}`, result: null, atMs: 10, ...change };
}

const RESULT = { path: "/a", size: 5, hash: "h" };

export function uploadNoteContract(holds: Holds): void {
  holds("notes on uploads are replaced, and found by their account", async (catalog, reopen) => {
    for (const name of ["al", "alice"]) await catalog.addAccount(account(name));
    await catalog.uploadNotes.put(note("1"));
    await catalog.uploadNotes.put(note("1", { result: RESULT }));
    await catalog.uploadNotes.put(note("2", { account: "nobody" }));
    const { uploadNotes } = await reopen();
    assert.deepEqual(await uploadNotes.find("1", "alice"), note("1", { result: RESULT }));
    assert.equal(await uploadNotes.find("1", "al"), undefined);
    assert.equal(await uploadNotes.find("2", "nobody"), undefined);
    await uploadNotes.remove("1");
    assert.equal(await uploadNotes.find("1", "alice"), undefined);
  });

  holds("old notes go, but for those on unfinished uploads", async (catalog) => {
    await catalog.addAccount(account("alice"));
    const { uploadNotes } = catalog;
    await catalog.addUpload(upload("1"));
    for (const id of ["1", "2"]) await uploadNotes.put(note(id));
    await uploadNotes.put(note("3", { result: RESULT }));
    await uploadNotes.put(note("4", { result: RESULT, atMs: 20 }));
    await uploadNotes.removeOld(20);
    const left = await Promise.all(["1", "2", "3", "4"].map((id) => uploadNotes.find(id, "alice")));
    assert.deepEqual(left.map((found) => found?.id), ["1", undefined, undefined, "4"]);
  });

  holds("an account keeps its latest notes, and none outlives it", async (catalog) => {
    const { uploadNotes } = catalog;
    for (const name of ["al", "alice"]) await catalog.addAccount(account(name));
    for (const atMs of [1, 2, 3]) await uploadNotes.put(note(`${atMs}`, { result: RESULT, atMs }));
    await uploadNotes.put(note("open"));
    await uploadNotes.put(note("al's", { account: "al", result: RESULT, atMs: 0 }));
    await uploadNotes.trim("alice", 2);
    const ids = ["1", "2", "3", "open"];
    const find = async () =>
      (await Promise.all(ids.map((id) => uploadNotes.find(id, "alice")))).map((found) => found?.id);
    assert.deepEqual(await find(), [undefined, "2", "3", "open"]);
    assert.ok(await uploadNotes.find("al's", "al"));
    await catalog.removeAccount("alice");
    assert.deepEqual(await find(), [undefined, undefined, undefined, undefined]);
  });
}
