// Work that grows with what users stored lets others have their turn: how much of it is done between
// two turns of the event loop is bounded, however much there is.
import { delay } from "@std/async";
import { assert, assertEquals, assertMatch, assertRejects, assertStrictEquals } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import { zipStream } from "../../server/web/zip/archive.ts";
import { logReader } from "../../server/monitor/log_tail.ts";
import { Intake } from "../../server/native/intake.ts";
import { Pace, yieldTurn } from "../../storage/common/slices.ts";
import type { View } from "../../storage/view.ts";
import { type InProcess, openInProcess } from "../support/in_process.ts";
import { mostWorkInATurn } from "../support/measure/work_meter.ts";
import { ALL } from "../support/pages.ts";
import { diskTest } from "../support/engine.ts";

/** Number of each kind of thing. */
const MANY = 10_000;
/**
 * Maximum work in a turn: what 10 ms, a slice, take on a very fast machine. On a slow or busy one it
 * is less, and work that runs through has at least a unit for each thing.
 */
const MAX_WORK = 9000;

/**
 * @param rounds how often the work may be repeated: where a thread waits for a processor, the byte
 * of the meter may wait for two slices, but not in each round
 */
async function letsOthersRun(name: string, work: () => unknown, rounds = 1): Promise<void> {
  let most = Infinity;
  for (let i = 0; i < rounds && most > MAX_WORK; i++) {
    most = Math.min(most, await mostWorkInATurn(work));
  }
  assert(most <= MAX_WORK, `${name}: ${most} units of work without a turn for others`);
}

/** Lists all of a directory in pages. */
async function pages(view: View, recursive: boolean): Promise<number> {
  let count = 0;
  let cursor: string | undefined;
  do {
    const options = { recursive, limit: 2000, ...(cursor === undefined ? {} : { cursor }) };
    const page = await view.tree.list("/d", options);
    count += page.entries.length;
    cursor = page.cursor;
  } while (cursor !== undefined);
  return count;
}

function enter(server: InProcess, account: string): View {
  const principal = { account, generation: 1, door: "native", address: "::1" } as const;
  return server.vault.enter({ ...principal, sessionId: "test" }, () => Promise.resolve());
}

/** Adds rows to the catalog as fast as that goes. */
function addRows(
  { data }: InProcess,
  table: string,
  row: (i: number) => Record<string, string | number | null>,
): void {
  using catalog = new DatabaseSync(`${data}/catalog.db`);
  const columns = Object.keys(row(0));
  const insert = catalog.prepare(
    `INSERT INTO ${table} (${columns}) VALUES (${columns.map(() => "?")})`,
  );
  catalog.exec("BEGIN IMMEDIATE");
  for (let i = 0; i < MANY; i++) insert.run(...Object.values(row(i)));
  catalog.exec("COMMIT");
}

async function all(items: AsyncIterable<unknown>): Promise<number> {
  let count = 0;
  for await (const _ of items) count++;
  return count;
}

diskTest("nothing that is done with a large directory keeps others waiting", async () => {
  await using server = await openInProcess({ durability: "relaxed" });
  const directory = `${server.data}/users/a/alice/files/d`;
  Deno.mkdirSync(directory);
  for (let i = 0; i < MANY; i++) {
    // In an order that has to be sorted, capitals among them.
    const name = `${i % 7 === 0 ? "File" : "file"} ${(i * 7919) % MANY} of a tree.txt`;
    Deno.openSync(`${directory}/${name}`, { write: true, createNew: true }).close();
  }
  const view = enter(server, "alice");
  const archive = async () => {
    const root = { path: "/d", name: "", directory: true, mtimeMs: 0 };
    for await (const _ of zipStream(view.readable, [root]));
  };
  assertStrictEquals(await pages(view, false), MANY);
  assertStrictEquals(await pages(view, true), MANY);
  await letsOthersRun("LIST", () => pages(view, false), 3);
  await letsOthersRun("LIST recursive", () => pages(view, true), 3);
  await letsOthersRun("entries", async () => {
    for await (const _ of await view.tree.entries("/d"));
  }, 3);
  for (const sort of ["name", "size"] as const) {
    await letsOthersRun(`a page by ${sort}`, () => view.tree.browse("/d", { sort, limit: 200 }), 3);
  }
  const backwards = { descending: true, filter: "99", limit: 200 };
  await letsOthersRun("a filtered page", () => view.tree.browse("/d", backwards), 3);
  await letsOthersRun("a name that is not there", async () => {
    assertMatch(
      String(await assertRejects(() => view.tree.describe("/d/none%~0123456789ab"))),
      /does not exist/,
    );
    assertMatch(
      String(await assertRejects(() => view.tree.describe("/d/none%~0123456789ab/x"))),
      /does not exist/,
    );
    assertMatch(
      String(await assertRejects(() => view.tree.rename("/d/none%~0123456789ab", "/x"))),
      /does not exist/,
    );
  });
  await letsOthersRun(
    "RMD",
    async () =>
      assertMatch(String(await assertRejects(() => view.tree.removeDirectory("/d"))), /not empty/),
  );
  await letsOthersRun("VERIFY", () => view.tree.verify("/d"), 3);
  addRows(server, "modes", (i) => ({ owner: "alice", directory: "/d", name: `${i}`, mode: 0o640 }));
  await letsOthersRun("RENAME", () => view.tree.rename("/d", "/e"));
  const { entries } = await view.tree.list("/e", { limit: 10_000 });
  assert(entries.every(({ hash }) => hash !== null), "a record did not follow");
  await letsOthersRun("an archive", async () => {
    await view.tree.rename("/e", "/d");
    await archive();
  });
  await letsOthersRun("RMD recursive", () => view.tree.removeDirectory("/d", { recursive: true }));
});

diskTest(
  "however much there is of accounts, shares and uploads, none keep others waiting",
  async () => {
    await using server = await openInProcess({ durability: "relaxed" });
    addRows(server, "accounts", (i) => ({
      name: `user${i}`,
      password_hash: "x",
      letters: i === 0 ? "rwcdt" : "rwcd",
      created_ms: 0,
      generation: 1,
    }));
    const share = { letters: "rw", directory: 1, created_ms: 0 };
    addRows(server, "shares", (i) => {
      const path = `/things/${i}`;
      return { ...share, id: `mine ${i}`, owner: "alice", path, guest: "user0" };
    });
    addRows(server, "shares", (i) => {
      const path = `/things/${i}`;
      return { ...share, id: `theirs ${i}`, owner: `user${i % 99}`, path, guest: "alice" };
    });
    const upload = {
      owner: "alice",
      if_exists: "version",
      created_ms: 0,
      updated_ms: 5,
      offset_bytes: 0,
      reserved_bytes: 1,
      holder: "another worker",
    };
    addRows(server, "uploads", (i) => {
      const path = `/${i}`;
      return { ...upload, id: `own ${i}`, account: "alice", path, shown_path: path };
    });
    addRows(server, "uploads", (i) => {
      const path = `/things/${i}`;
      const shown = `/shared/alice${path}`;
      return { ...upload, id: `guest ${i}`, account: "user0", path, shown_path: shown };
    });
    await server.disk.catalog.recount();
    const alice = enter(server, "alice");
    const root = enter(server, "user0");
    await alice.tree.makeDirectory("/d");
    const lists: [string, () => Promise<number>, number][] = [
      ["USERS", async () => await all(await root.administration.users()), MANY + 1],
      ["PARTS", async () => await all(await alice.transfers.unfinished()), 2 * MANY],
      ["SHBY", () => all(alice.sharing.sharedByMe()), MANY],
      ["SHWM", () => all(alice.sharing.sharedWithMe()), MANY],
      ["uploads", async () => (await root.administration.uploads()).length, 2 * MANY],
      ["pending", async () => (await alice.transfers.pendingIn("/")).size, MANY],
    ];
    for (const [name, list, count] of lists) {
      await letsOthersRun(name, async () => assertEquals(await list(), count));
    }
    await letsOthersRun("LIST of shared files", () => root.tree.list("/shared/alice/things"));
    await letsOthersRun("LIST of who shares", () => alice.tree.list("/shared"));
    const small: [string, () => Promise<unknown>][] = [
      ["STAT", () => alice.tree.describe("/d")],
      ["LIST", () => alice.tree.list("/", { limit: 10 })],
      ["a guest's STAT", () => root.tree.describe("/shared/alice/things/5").catch(() => {})],
      ["one pending", () => alice.transfers.pendingFor("/77")],
      ["a page of USERS", async () =>
        await (await root.administration.users("user5"))
          [Symbol.asyncIterator]().next()],
      ["totals", () => root.administration.totals()],
    ];
    for (const [name, work] of small) {
      const most = await mostWorkInATurn(work);
      assert(most < 1000, `${name} takes ${most} units of work, however little it is about`);
    }
    await letsOthersRun(
      "a share's end",
      () =>
        alice.sharing.share({ path: "/d", guest: "*", letters: "r" })
          .then(() => alice.sharing.unshare("/d")),
    );
    await letsOthersRun("housekeeping", async () => {
      await server.vault.expireUploads();
      await server.vault.shrinkReservations();
    });
    await letsOthersRun(
      "DELU",
      () => root.administration.removeAccount("user1", { keepFiles: false }),
    );
  },
);

diskTest("a large directory that many list at once is read and sorted once for all", async () => {
  await using server = await openInProcess({ durability: "relaxed" });
  const directory = `${server.data}/users/a/alice/files/d`;
  Deno.mkdirSync(directory);
  for (let i = 0; i < 3000; i++) {
    Deno.openSync(`${directory}/file ${i}.txt`, { write: true, createNew: true }).close();
  }
  const changedMs = Deno.statSync(directory).ctime!.getTime();
  while (Date.now() - changedMs < 2500) await delay(50);
  const readDir = Deno.readDir;
  let reads = 0;
  Deno.readDir = (path) => {
    reads++;
    return readDir(path);
  };
  try {
    const lists = Array.from(
      { length: 20 },
      () => enter(server, "alice").tree.list("/d", { limit: 5 }),
    );
    const pages = await Promise.all(lists);
    assert(pages.every(({ entries }) => entries[4]!.name === "file 1000.txt"), "another order");
  } finally {
    Deno.readDir = readDir;
  }
  assertEquals(reads, 1);
});

diskTest(
  "the newest of thousands of versions is found without a look at all the others",
  async () => {
    await using server = await openInProcess({ durability: "relaxed" });
    const directory = `${server.data}/users/a/alice/files/d`;
    Deno.mkdirSync(directory);
    const count = 3000;
    for (let i = 1; i <= count; i++) {
      const place = `${directory}/${i === 1 ? "v.txt" : `v_v${i}.txt`}`;
      Deno.openSync(place, { write: true, createNew: true }).close();
    }
    const view = enter(server, "alice");
    const first = async (newestFirst: boolean) => {
      for await (const { version } of await view.tree.versions("/d/v.txt", { newestFirst })) {
        return version;
      }
    };
    const most = await mostWorkInATurn(async () => {
      assertEquals(await first(true), count);
      assertEquals(await first(false), 1);
    });
    assert(most < 3 * count, `${most} units of work for one version`);
  },
);

diskTest(
  "grants end, move and are dated again in steps, however many there are",
  async () => {
    await using server = await openInProcess({ durability: "relaxed" });
    const { catalog } = server.disk;
    const account = { password_hash: "x", letters: "rwcd", created_ms: 0, generation: 1 };
    addRows(server, "accounts", (i) => ({ ...account, name: `user${i}` }));
    const share = { letters: "rw", directory: 1, created_ms: 0 };
    const shares = (id: string, row: { owner: string; guest: string; expires_ms?: number }) =>
      addRows(server, "shares", (i) => ({ ...share, ...row, id: `${id} ${i}`, path: `/d/${i}` }));
    const alice = enter(server, "alice");
    shares("moved", { owner: "alice", guest: "user0" });
    await alice.tree.makeDirectory("/d");
    await letsOthersRun("RENAME of shared files", () => alice.tree.rename("/d", "/e"));
    const moved = await catalog.shares.by("alice", { count: 2 * MANY });
    assert(moved.length === MANY && moved.every(({ path }) => path.startsWith("/e/")));
    await letsOthersRun(
      "RMD of shared files",
      () => alice.tree.removeDirectory("/e", { recursive: true }),
    );
    assertEquals(await catalog.shares.by("alice", ALL), []);
    shares("granted", { owner: "user1", guest: "alice" });
    addRows(server, "shares", (i) => {
      return { ...share, id: `given ${i}`, owner: `user${i}`, guest: "user1", path: "/d" };
    });
    addRows(
      server,
      "modes",
      (i) => ({ owner: "user1", directory: "/", name: `${i}`, mode: 0o640 }),
    );
    addRows(server, "web_sessions", (i) => {
      const times = { created_ms: 0, last_used_ms: 0, expires_ms: 1 };
      return {
        id: `${i}`,
        account: "user1",
        generation: 1,
        hash: `${i}`,
        address: "::1",
        ...times,
      };
    });
    await letsOthersRun("an account that is retired", () => catalog.retireAccount("user1"));
    assertEquals(await catalog.shares.by("user1", ALL), []);
    assertEquals(await catalog.shares.with("user1", ALL), []);
    assertEquals(await catalog.modes.get("user1", "/7"), undefined);
    shares("ending", { owner: "user2", guest: "alice", expires_ms: 1 });
    await letsOthersRun("shares whose time is over", () => catalog.shares.removeExpired(2));
    assertEquals(await catalog.shares.by("user2", ALL), []);
    shares("late", { owner: "user3", guest: "alice", expires_ms: 9 });
    await letsOthersRun("a clock that was set back", () => catalog.redate(-5));
    const late = await catalog.shares.by("user3", { count: 2 * MANY });
    assert(late.length === MANY && late.every(({ expiresMs }) => expiresMs === 4));
  },
);

Deno.test("a long log that has nothing to find lets others have their turn", async () => {
  const data = await Deno.makeTempDir();
  try {
    await Deno.mkdir(`${data}/logs`);
    const line = `{"time":"2026-01-01T00:00:00.000Z","level":"info","account":"alice"}\n`;
    await Deno.writeTextFile(`${data}/logs/audit.log`, line.repeat(20 * MANY));
    const query = { name: "audit", lines: 5, account: "bob" } as const;
    const search = async () => assertEquals(await logReader(data).tail(query), []);
    const most = await mostWorkInATurn(search, yieldTurn);
    assert(most <= MAX_WORK, `${most} units of work without a turn for others`);
  } finally {
    await Deno.remove(data, { recursive: true });
  }
});

Deno.test("an archive of directories without files lets others have their turn", async () => {
  const entry = { type: "directory", mtimeMs: 0 };
  const names = Array.from({ length: MANY }, (_, i) => ({ ...entry, name: `${i}` }));
  // Nothing is waited for in it: all of the archive would be made in one turn.
  const tree = {
    entries: (path: string) =>
      Promise.resolve((async function* () {
        yield path === "/d" ? names : [];
      })()),
  } as unknown as View["readable"];
  let turns = 0;
  let running = true;
  const others = (async () => {
    for (; running; turns++) await yieldTurn();
  })();
  for await (const _ of zipStream(tree, [{ ...entry, path: "/d", name: "", directory: true }]));
  running = false;
  await others;
  assert(turns > 2, `${turns} turns for others`);
});

Deno.test("paced work has one slice in each turn, however much of it there is", async () => {
  let turn = 0;
  let running = true;
  const turns = (async () => {
    for (; running; turn++) await delay(0);
  })();
  const slices = new Map<number, number>();
  const work = async () => {
    const pace = new Pace();
    for (let slice = 0; slice < 5;) {
      const wait = pace.turn();
      if (wait === undefined) continue;
      await wait;
      slices.set(turn, (slices.get(turn) ?? 0) + 1);
      slice++;
    }
  };
  await Promise.all([work(), work(), work(), work()]);
  running = false;
  await turns;
  assertEquals([...slices.values()].reduce((sum, count) => sum + count), 20);
  assert(Math.max(...slices.values()) <= 2, "others had no turn between slices");
});

Deno.test("JSON of 1 MiB that takes long to parse is refused before that", () => {
  const MIB = 1024 * 1024;
  const worst = {
    nested: "[".repeat(MIB / 2) + "]".repeat(MIB / 2),
    objects: `[${"{},".repeat(MIB / 3)}{}]`,
    keys: `{${
      Array.from({ length: 30_000 }, (_, i) => `"${i * 7919} key of a member":{}`).join()
    }}`,
    numbers: `[${"1.7976931348623157e308,".repeat(MIB / 23)}1]`,
    escapes: `"${"\\u00e9".repeat(MIB / 6)}"`,
  };
  for (const [name, text] of Object.entries(worst)) {
    const frame = new TextEncoder().encode(`{"command":"NOOP","data":{"x":${text}}}`);
    const read = new Intake().read(frame);
    assertEquals("refusal" in read, name !== "escapes", name);
  }
});
