// Holds the layout that docs/architecture.md describes: who may import whom, and what the tasks may grant.

import { dirname, join, normalize } from "@std/path/posix";
import { assert, assertEquals, assertNotMatch } from "@std/assert";
import config from "../deno.json" with { type: "json" };
import importMap from "../import_map.json" with { type: "json" };
import { findCycle, importsOf, keptWith, projectFiles, ROOT } from "./support/import_graph.ts";

const files = await projectFiles();
/** Imports of each file, as written. */
const specifiers = new Map(
  await Promise.all(
    files.map(async (file) =>
      [file, importsOf(await Deno.readTextFile(join(ROOT, file)))] as const
    ),
  ),
);
/** Files of our own that each file imports. */
const graph = new Map(
  Array.from(specifiers, ([file, names]) => {
    const ours = names.filter((name) => name.startsWith("."));
    return [file, ours.map((name) => normalize(join(dirname(file), name)))] as const;
  }),
);

const DOORS = ["native", "ftp", "web"];

/** Imports allowed to every door: nothing above the doors, and of the rooms below what serves a connection. */
const BELOW_DOORS = [
  "server/door/",
  "server/listener/",
  "server/tls/",
  "server/auth/",
  "server/admission/rate_limit.ts",
  "server/admission/session_limits.ts",
  "server/admission/door_limits.ts",
  "server/admission/too_many.ts",
  "storage/",
  "buffers/",
];

/** Imports of the rooms of the server's main thread and its workers, beside doors. */
const COMPOSED = [
  "server/admission/",
  "server/auth/",
  "server/certificates/",
  "server/data/",
  "server/door/",
  "server/monitor/",
  "server/options/",
  "storage/",
];

/** Imports allowed to the rooms of storage that act for a view: of an engine only its contract. */
const BELOW_CORE = [
  "storage/contract/",
  "storage/common/",
  "storage/monitor/",

  "storage/access/",
  "buffers/",
];

/** Imports of the disk engine's parts that write to files and catalog: neither of these itself. */
const WRITE_ORDER = [
  "storage/contract/",
  "storage/common/",
  "storage/disk/interfaces/",
  "storage/disk/interfaces/places.ts",
];

/** Imports allowed to every table of the catalog. */
const TABLES = [
  "storage/contract/",
  "storage/common/",
  "storage/disk/interfaces/",
  "storage/disk/sqlite/connection/",
];

/** Imports allowed to the rooms of the engine of several nodes. */
const CLUSTER = [
  "storage/contract/",
  "storage/common/",
  "storage/cluster/postgres/",
  "storage/cluster/content/content_store.ts",
  "storage/cluster/content/pack_cache.ts",
  "storage/cluster/content/piece.ts",
  "storage/cluster/content/pieces_content.ts",
];

/** Imports of the client's transfers. */
const CONNECTED = [
  "client/lib/common/",
  "client/lib/local/",
  "client/lib/connection/",
  "buffers/",
  "protocol/",
];

/** Imports allowed to every file: small helpers, and the standard library. */
const FOR_ALL = ["common/", "std/"];

/** Imports allowed to the files under a folder beside their own folder; the longest match counts. */
const MAY_IMPORT: Record<string, string[]> = {
  "std/": [],
  "common/": [],
  "buffers/": [],
  "protocol/": ["buffers/"],
  // Storage, from the bottom up: what a room may use lies below it, so that a change in a room is
  // felt only above. The contract says what an engine is; it knows none.
  "storage/contract/": [],
  "storage/common/": ["storage/contract/"],
  "storage/monitor/": ["storage/contract/", "storage/common/"],
  // The engine. Files and tables know each other only by the interfaces between them, so that the
  // order in which both are written has one place, and a crash can be tested over imitations of both.
  "storage/disk/interfaces/": ["storage/contract/", "storage/common/proofs.ts"],
  "storage/disk/files/": [
    "storage/contract/",
    "storage/common/",
    "storage/disk/interfaces/",
    "storage/disk/reserve/",
  ],
  "storage/disk/parts/": [...WRITE_ORDER],
  "storage/disk/commit/": [...WRITE_ORDER, "storage/disk/parts/"],
  "storage/disk/recovery/": [...WRITE_ORDER, "storage/disk/parts/", "storage/disk/commit/"],
  "storage/disk/tree/": [...WRITE_ORDER, "storage/disk/parts/", "storage/disk/commit/"],
  "storage/disk/reserve/": [],
  "storage/disk/": ["storage/contract/", "storage/common/", "buffers/"],
  // The tables by subject. What every table uses is below them: the connection, its transactions.
  "storage/disk/sqlite/connection/": [
    "storage/contract/",
    "storage/common/",
    "storage/disk/interfaces/",
    "storage/disk/reserve/",
  ],
  "storage/disk/sqlite/accounts/": [...TABLES],
  "storage/disk/sqlite/sharing/": [...TABLES, "storage/disk/sqlite/accounts/"],
  "storage/disk/sqlite/files/": [...TABLES, "storage/disk/sqlite/accounts/"],
  "storage/disk/sqlite/uploads/": [
    ...TABLES,
    "storage/disk/sqlite/accounts/",
    "storage/disk/sqlite/files/",
  ],
  // A second engine, for tests, that has nothing in common with the disk's: what both do is the
  // contract, and no habit of files and SQLite.
  "storage/memory/": ["storage/contract/", "storage/common/"],
  // The engine of several nodes: a database and an object store. Content knows no names; only the
  // engine's own file knows the catalog and the tree together.
  "storage/cluster/postgres/": ["storage/contract/", "storage/common/"],
  "storage/cluster/content/": ["storage/contract/", "storage/common/"],
  "storage/cluster/migrations/": ["storage/cluster/postgres/"],
  "storage/cluster/parts/": [...CLUSTER],
  "storage/cluster/tree/": [...CLUSTER, "storage/cluster/parts/", "storage/cluster/upkeep/"],
  "storage/cluster/upkeep/": [...CLUSTER, "storage/cluster/parts/places.ts"],
  "storage/cluster/catalog/": [...CLUSTER],
  "storage/cluster/bus/": [...CLUSTER, "storage/monitor/bus.ts"],
  "storage/cluster/": ["storage/contract/", "storage/common/", "storage/monitor/bus.ts"],
  // A move between two engines, of which only the contract is known.
  "storage/move/": ["storage/contract/", "storage/common/"],
  // Permissions are judged without knowledge of the use.
  "storage/access/": ["storage/contract/", "storage/common/"],
  // State that all views of one worker share.
  "storage/core/": [...BELOW_CORE],
  "storage/transfer/": [...BELOW_CORE, "storage/core/"],
  "storage/tree/": [...BELOW_CORE, "storage/core/", "storage/transfer/"],
  "storage/people/": [...BELOW_CORE, "storage/core/", "storage/transfer/", "storage/tree/"],
  // Actions that sessions call, each written to the audit log.
  "storage/views/": [
    ...BELOW_CORE,
    ...["storage/core/", "storage/transfer/", "storage/tree/", "storage/people/"],
  ],
  "storage/": ["buffers/"],
  // The server, from the bottom up. Options are read before anything else exists.
  "server/options/": ["storage/common/"],
  "server/auth/": ["storage/"],
  "server/data/": ["server/options/error.ts", "server/auth/", "storage/"],
  // Limits are counted without knowing the doors: these know what they ask, by `DoorLimits`.
  "server/admission/": [
    "server/auth/origin.ts",
    "server/options/",
    "storage/contract/",
    "storage/common/each_page.ts",
  ],
  "server/certificates/": [
    ...["server/admission/networks.ts", "server/data/", "server/options/"],
    ...["storage/common/", "storage/engine_places.ts"],
  ],
  // Connections are accepted in one way at every door, so that no door has a limit of its own.
  "server/listener/": ["server/admission/door_limits.ts"],
  "server/tls/": [
    ...["server/admission/door_limits.ts", "server/admission/held_descriptors.ts"],
    ...["server/listener/", "buffers/"],
  ],
  // The interface of doors. It knows none of them.
  "server/door/": [
    "server/admission/door_limits.ts",
    "server/listener/proxied.ts",
    "server/auth/",
    "server/options/error.ts",
    "storage/",
    "deno.json", // its version
  ],
  "server/monitor/": [
    ...["server/data/", "server/door/", "server/options/"],
    ...["storage/common/", "storage/monitor/"],
  ],
  "server/native/": [...BELOW_DOORS, "protocol/"],
  "server/ftp/": [...BELOW_DOORS],
  "server/web/": [...BELOW_DOORS, "server/options/limit_kinds.ts"],
  // Threads. Of these only `openers/` names a door, so that a new one is one file there.
  "server/process/": [...COMPOSED, ...DOORS.map((door) => `server/${door}/door.ts`)],
  "server/cli/": ["server/"],
  // Works on a data directory, with a server or without one: it starts none.
  "server/admin/": [...COMPOSED, "server/process/server_json.ts"],
  "web/": [],
  // The library is used by other programs: nothing of this one comes along with it.
  "client/lib/common/": ["protocol/"],
  "client/lib/local/": ["client/lib/common/"],
  "client/lib/connection/": ["client/lib/common/", "client/lib/local/", "protocol/"],
  "client/lib/upload/": [...CONNECTED],
  "client/lib/download/": [...CONNECTED, "client/lib/upload/"],
  "client/lib/": ["buffers/", "protocol/"],
  "client/cli/": ["client/lib/", "protocol/", "deno.json"], // its version
  "client.ts": ["client/cli/"],
  "main.ts": ["server/"],
  "admin.ts": ["server/", "storage/"],
  "towpath.ts": ["server/cli/", "client/cli/"],
  "package/": ["deno.json", "docs/man/"],
  "demo.ts": ["demo/"],
  "demo/": ["deno.json"],
  "bench/": ["demo/", "protocol/frame.ts", "client/lib/mod.ts"],
  "soak/": [
    ...["demo/", "client/lib/mod.ts"],
    // Its server, whose workers fail when they are asked to.
    ...[
      "main.ts",
      "server/process/worker.ts",
      "server/process/worker_messages.ts",
      "storage/vault.ts",
    ],
  ],
};

/** Every import as "from -> to", for which `wrong` holds. */
function offending(wrong: (from: string, to: string) => boolean): string[] {
  const found: string[] = [];
  for (const [from, targets] of graph) {
    for (const to of targets) if (wrong(from, to)) found.push(`${from} -> ${to}`);
  }
  return found;
}

Deno.test("the import graph is read as it is", () => {
  // The bars keep this sample out of this file's own imports.
  const text = `
    |import a from "./a.ts";
    |import {
    |  b,
    |} from "./b.ts";
    |import type { C } from "./c.ts";
    |import "./d.ts";
    |export * from "./e.ts";
    |export type { F } from "./f.ts";
    |const g = await import|("./g.ts");
    |type H = import|("./h.ts").H;
    |// import i from "./i.ts";
    |/* import j from "./j.ts"; */
    |export const k = { from: "./k.ts" };
    |new Worker(new| URL("./l.ts", import.meta.url));
  `.replaceAll("|", "");
  const letters = importsOf(text).map((name) => name[2]).sort().join("");
  assertEquals(letters, "abcdefghl");
  assert(files.includes("protocol/mod.ts"));
  assert(graph.get("protocol/wire.ts")!.includes("protocol/frame.ts"));
});

Deno.test("every import of our own leads to a file", () => {
  const wrong = offending((_, to) => {
    try {
      return !Deno.statSync(join(ROOT, to)).isFile;
    } catch {
      return true;
    }
  });
  assertEquals(wrong, []);
});

for (const [folder, allowed] of Object.entries(MAY_IMPORT)) {
  Deno.test(`${folder} imports only ${[folder, ...allowed].join(", ")}`, () => {
    const wrong = offending((from, to) =>
      from.startsWith(folder) &&
      ![folder, ...allowed, ...FOR_ALL].some((place) => to.startsWith(place))
    );
    assertEquals(wrong, []);
  });
}

/** All files that name an engine: the first two open one, the third opens none. */
const ENGINE_FILES = ["open_engine", "open_disk", "engine_places"].map((name) =>
  `storage/${name}.ts`
);

Deno.test("three files alone name an engine: the rooms above know the contract", () => {
  const inside = (file: string) => /^storage\/(disk|memory|cluster)\//.test(file);
  const wrong = offending((from, to) =>
    inside(to) && !inside(from) && !from.startsWith("tests/") &&
    !ENGINE_FILES.includes(from)
  );
  assertEquals(wrong, []);
});

Deno.test("no door reaches around the vault: it knows no engine, no tree and no uploads but the view's", () => {
  const around = [
    "core/",
    "open_engine.ts",
    "open_disk.ts",
    "contract/engine.ts",
    "contract/parts.ts",
  ]
    .concat("contract/tree.ts", "contract/books/catalog_books.ts");
  const wrong = offending((from, to) =>
    DOORS.some((door) => from.startsWith(`server/${door}/`)) &&
    around.some((place) => to.startsWith(`storage/${place}`))
  );
  assertEquals(wrong, []);
});

Deno.test("the client library needs no package and no import map: programs import it by path", () => {
  const library = [...graph.keys()].filter((file) => file.startsWith("client/lib/"));
  const closure = new Set(library);
  for (const file of closure) for (const to of graph.get(file) ?? []) closure.add(to);
  const bare: string[] = [];
  for (const file of closure) {
    for (const name of specifiers.get(file) ?? []) {
      if (!/^(\.|node:)/.test(name)) bare.push(`${file} -> ${name}`);
    }
  }
  assertEquals(bare, []);
});

Deno.test("paths of the host go through @std/path, but in the client library", () => {
  const wrong = [...specifiers].filter(([file]) => !file.startsWith("client/lib/"))
    .flatMap(([file, names]) =>
      names.filter((name) => /^node:path/.test(name)).map((name) => `${file} -> ${name}`)
    );
  assertEquals(wrong, []);
});

Deno.test("no door imports another", () => {
  const doorOf = (file: string) => DOORS.find((door) => file.startsWith(`server/${door}/`));
  const wrong = offending((from, to) => {
    const [one, other] = [doorOf(from), doorOf(to)];
    return one !== undefined && other !== undefined && one !== other;
  });
  assertEquals(wrong, []);
});

Deno.test("the server imports nothing of the client", () => {
  const wrong = offending((from, to) => from.startsWith("server/") && to.startsWith("client/"));
  assertEquals(wrong, []);
});

Deno.test("nothing imports tests/, and only tests import bench/", () => {
  const inside = (file: string, ...folders: string[]) => folders.some((f) => file.startsWith(f));
  const wrong = offending((from, to) =>
    inside(to, "tests/") && !inside(from, "tests/") ||
    inside(to, "bench/") && !inside(from, "tests/", "bench/")
  );
  assertEquals(wrong, []);
});

Deno.test("no modules import each other in a circle, for types or otherwise", () => {
  assertEquals(findCycle(graph)?.join(" -> "), undefined);
});

Deno.test("no folders import each other in a circle: a folder with both top and bottom is two", () => {
  const folders = new Map<string, string[]>();
  for (const [file, tos] of graph) {
    if (file.startsWith("tests/")) continue;
    const others = tos.filter((to) => graph.has(to)).map(dirname)
      .filter((folder) => folder !== dirname(file));
    folders.set(dirname(file), [...folders.get(dirname(file)) ?? [], ...others]);
  }
  assertEquals(findCycle(folders)?.join(" -> "), undefined);
});

Deno.test("one folder alone names the doors: a new door is one file there", () => {
  const doorOf = (file: string) => DOORS.find((door) => file.startsWith(`server/${door}/`));
  const wrong = offending((from, to) =>
    from.startsWith("server/") && !from.startsWith("server/process/openers/") &&
    doorOf(to) !== undefined && doorOf(from) !== doorOf(to)
  );
  assertEquals(wrong, []);
});

/** The files whose text Deno keeps in memory in a thread that runs this one. */
async function keptOf(entry: string): Promise<string[]> {
  const kept = new Set([entry]);
  for (const file of kept) {
    if (!/\.tsx?$/.test(file)) continue;
    for (const name of keptWith(await Deno.readTextFile(join(ROOT, file)))) {
      if (name.startsWith(".")) kept.add(normalize(join(dirname(file), name)));
    }
  }
  return [...kept];
}

Deno.test("a thread of the server holds no door and no engine that it does not open", async () => {
  const rooms: Record<string, string[]> = {
    "main.ts": [],
    "server/process/worker_native.ts": ["native", "disk"],
    "server/process/worker_ftp.ts": ["native", "ftp", "disk"],
    "server/process/worker_web.ts": ["native", "web", "disk"],
    "server/process/worker.ts": ["native", "ftp", "web", "disk", "cluster"],
  };
  const files: Record<string, string> = {
    native: "server/native/session.ts",
    ftp: "server/ftp/session.ts",
    web: "server/web/app.ts",
    disk: "storage/disk/disk_engine.ts",
    cluster: "storage/cluster/cluster_engine.ts",
  };
  for (const [entry, names] of Object.entries(rooms)) {
    const kept = new Set(await keptOf(entry));
    const found = Object.keys(files).filter((name) => kept.has(files[name]!));
    assertEquals(found.toSorted(), names.toSorted(), entry);
  }
});

Deno.test("no file holds the marks of a merge conflict: in a text they break no check", async () => {
  const marked: string[] = [];
  for (const file of graph.keys()) {
    const text = await Deno.readTextFile(join(ROOT, file));
    if (/^(<{7}|>{7}) /m.test(text)) marked.push(file);
  }
  assertEquals(marked, []);
});

Deno.test("no file outside tests/ has more than 300 lines", async () => {
  const long: string[] = [];
  for (const file of files.filter((name) => !name.startsWith("tests/"))) {
    const lines = (await Deno.readTextFile(join(ROOT, file))).split("\n").length - 1;
    if (lines > 300) long.push(`${file}: ${lines}`);
  }
  assertEquals(long, []);
});

Deno.test("the standard library is imported by its @std names, so that import_map.json alone chooses its source", () => {
  const modules = Object.entries(importMap.imports).filter(([name]) => name.startsWith("@std/"));
  const paths = modules.map(([, path]) => path.replace("./", ""));
  assertEquals(paths.toSorted(), files.filter((file) => file.startsWith("std/")));
  for (const [file, found] of specifiers) {
    const wrong = file.startsWith("std/")
      ? found.filter((name) => !/^(deno-std|\.)\//.test(name))
      : found.filter((name) =>
        name.includes("deno-std/") || /(^|\/)std\//.test(name) && !name.startsWith("@std/")
      );
    assertEquals(wrong, [], file);
  }
});

Deno.test("no folder has more than 25 source files beside its subfolders: its list is read at once", () => {
  const counts = new Map<string, number>();
  for (const file of files) counts.set(dirname(file), (counts.get(dirname(file)) ?? 0) + 1);
  assertEquals([...counts].filter(([, count]) => count > 25), []);
});

Deno.test("tasks grant everything to tests alone, and let none but named programs be started", () => {
  const wide =
    /(^|[\s"])(-A|--allow-all|--allow-run|--allow-env|--allow-sys|--allow-ffi|-P|--permission-set)(\s|$)/;
  const starting = new Set([
    ...[
      "demo",
      "demo:cluster",
      "bench",
      "bench:cluster",
      "bench:page",
      "soak",
      "fuzz",
      "pack",
      "compile",
    ],
  ]);
  for (const [name, { command }] of Object.entries(config.tasks)) {
    if (/^test(:\w+)?$/.test(name)) continue;
    // It starts servers with the helpers of the tests, which pass their environment on.
    const judged = name === "fuzz" ? command.replace(" --allow-env ", " ") : command;
    assertNotMatch(judged, wide, `task ${name}`);
    if (!starting.has(name)) assertNotMatch(command, /--allow-(run|ffi)/, `task ${name}`);
  }
});

Deno.test("permission sets start no program, and name what they read of the environment", () => {
  for (const [name, set] of Object.entries(config.permissions)) {
    const granted = Object.keys(set);
    assertEquals(
      granted.filter((kind) => ["all", "run", "ffi", "import"].includes(kind)),
      [],
      name,
    );
    for (const [kind, value] of Object.entries(set)) {
      if (kind === "env" || kind === "sys") assert(Array.isArray(value), `${name}: ${kind}`);
    }
  }
});

Deno.test("the command towpath may do what its programs may, and no more", () => {
  const { towpath, ...sets } = config.permissions;
  const listed = (kind: "env" | "sys") =>
    Object.values(sets).flatMap((set) => (set as { env?: string[]; sys?: string[] })[kind] ?? []);
  assertEquals(new Set(towpath.env), new Set(listed("env")));
  assertEquals(new Set(towpath.sys), new Set(listed("sys")));
});
