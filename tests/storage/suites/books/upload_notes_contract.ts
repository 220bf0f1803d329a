import { assert, assertEquals } from "@std/assert";
import type { UploadNote } from "../../../../storage/contract/books/upload_note_book.ts";
import { account, type HoldsBooks } from "../catalog_samples.ts";

function note(id: string, change: Partial<UploadNote> = {}): UploadNote {
  return { id, account: "alice", text: `text of ${id}`, result: null, atMs: 10, ...change };
}

const RESULT = { path: "/a", size: 5, hash: "h" };

export function uploadNoteContract(holds: HoldsBooks): void {
  holds("notes on uploads are replaced, and found by their account", async (catalog, reopen) => {
    for (const name of ["al", "alice"]) await catalog.addAccount(account(name));
    await catalog.uploadNotes.put(note("1"));
    await catalog.uploadNotes.put(note("1", { result: RESULT }));
    await catalog.uploadNotes.put(note("2", { account: "missing" }));
    const { uploadNotes } = await reopen();
    assertEquals(await uploadNotes.find("1", "alice"), note("1", { result: RESULT }));
    assertEquals(await uploadNotes.find("1", "al"), undefined);
    assertEquals(await uploadNotes.find("2", "missing"), undefined);
    await uploadNotes.remove("1");
    assertEquals(await uploadNotes.find("1", "alice"), undefined);
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
    assertEquals(await find(), [undefined, "2", "3", "open"]);
    assert(await uploadNotes.find("al's", "al"));
    await catalog.removeAccount("alice");
    assertEquals(await find(), [undefined, undefined, undefined, undefined]);
  });

  holds("old notes on finished uploads go", async (catalog) => {
    await catalog.addAccount(account("alice"));
    const { uploadNotes } = catalog;
    for (const [id, atMs] of [["1", 10], ["2", 20]] as const) {
      await uploadNotes.put(note(id, { result: RESULT, atMs }));
    }
    await uploadNotes.removeOld(20);
    const left = await Promise.all(["1", "2"].map((id) => uploadNotes.find(id, "alice")));
    assertEquals(left.map((found) => found?.id), [undefined, "2"]);
  });
}
