/** Recursive listings in pages: what comes page by page is what comes at once, in the same order. */
import { assertEquals } from "@std/assert";
import type { Engine } from "../../storage/contract/engine.ts";
import { MemoryEngine } from "../../storage/memory/memory_engine.ts";
import { compareCodePoints } from "../../storage/contract/path.ts";
import { Vault } from "../../storage/vault.ts";
import type { View } from "../../storage/view.ts";
import { YieldingEngine } from "../support/simulated/yielding_engine.ts";
import { principal } from "../support/workers.ts";
import { account, store } from "./suites/engine_samples.ts";

/** Names of directories whose entries come behind other names of theirs, and of files between. */
const NAMES = ["a", "a ", "a-", "a.b", "a.txt", "a0", "a\u{10000}", "a\uffee", "shared", "é", "zz"];

const ENGINES: Record<string, () => Engine> = {
  memory: () => new MemoryEngine(),
  "disk, imitated in memory": () => new YieldingEngine(),
};

async function open(engine: Engine): Promise<View> {
  for (const name of ["alice", "bob"]) await engine.addAccount(account(name));
  const vault = await Vault.open({ engine, recover: false });
  const view = vault.enter(principal("alice", 1));
  const bob = vault.enter(principal("bob", 2));
  await bob.tree.makeDirectory("/given");
  await bob.sharing.share({ path: "/given", guest: "alice", letters: "r" });
  return view;
}

async function listed(view: View, path: string, recursive: boolean, limit: number) {
  const names: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await view.tree.list(path, { recursive, limit, ...(cursor && { cursor }) });
    names.push(...page.entries.map(({ name }) => name));
    cursor = page.cursor;
  } while (cursor !== undefined);
  return names;
}

async function holdsOver(engine: Engine): Promise<void> {
  const view = await open(engine);
  const { tree } = engine;
  let all: string[] = [];
  for (const [index, name] of NAMES.entries()) {
    if (name === "shared") continue;
    if (index % 3 === 2) {
      await store(engine, `/${name}`, name);
      all.push(name);
      continue;
    }
    await tree.makeDirectory("alice", `/${name}`);
    await tree.makeDirectory("alice", `/${name}/${NAMES[index - 1] ?? "b"}`);
    await store(engine, `/${name}/${name}`, name);
    const below = [...new Set([NAMES[index - 1] ?? "b", name])];
    all = all.concat(name, below.map((one) => `${name}/${one}`));
  }
  all.push("shared");
  all.sort(compareCodePoints);
  const top = all.filter((name) => !name.includes("/"));
  for (const limit of [1, 2, 3, 7, 1000]) {
    assertEquals(await listed(view, "/", true, limit), all, `${limit} at once, recursive`);
    assertEquals(await listed(view, "/", false, limit), top, `${limit} at once`);
    const leads = ["bob", "bob/given"];
    assertEquals(await listed(view, "/shared", true, limit), leads);
  }
  const { entries, total } = await view.tree.browse("/", { limit: 1000 });
  assertEquals(entries.map(({ name }) => name).sort(), top.toSorted());
  assertEquals(total, top.length);
}

for (const [name, make] of Object.entries(ENGINES)) {
  Deno.test(`${name}: a tree is listed in pages of any size as a whole, shares and all`, () =>
    holdsOver(make()));
}
