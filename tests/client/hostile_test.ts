import { join } from "@std/path";
import { assert, assertEquals, assertMatch, assertNotMatch, assertStrictEquals } from "@std/assert";
import { X509Certificate } from "node:crypto";
import { makeAuthority, makeLeaf } from "../../server/certificates/make_certificates.ts";
import { sha256 } from "./world.ts";
import { type ClientRun, runClient } from "../support/client/client.ts";
import { type Answer, type FakeRequest, FakeServer } from "../support/client/client_fake_server.ts";

const hello = new TextEncoder().encode("hello");
const file = { type: "file", size: 5, mtime: 1000, hash: sha256("hello") };

/** Answers of an honest server to a download of `hello`. */
function honest(): Answer[] {
  const data = { file_size: 5, file_hash: sha256("hello"), mtime: 1000, offset: 0, length: 5 };
  return [
    { status: "OK", code: 150, data },
    { bytes: hello },
    { status: "OK", code: 226, data: { hash: sha256("hello") } },
  ];
}

/** Runs the client against a server that answers so. */
async function against(
  args: string[],
  answer: (request: FakeRequest) => Answer[] | undefined,
  options: { name?: string; prepare?: (home: string) => void } = {},
): Promise<ClientRun & { files: string[]; requests: FakeRequest[] }> {
  using server = await FakeServer.start(answer, options.name);
  const home = Deno.makeTempDirSync({ prefix: "towpath-hostile-" });
  try {
    const inside = join(home, "inside", "target");
    Deno.mkdirSync(inside, { recursive: true });
    Deno.writeTextFileSync(join(home, "ca.pem"), server.ca);
    options.prepare?.(inside);
    const run = await runClient(args, {
      env: {
        TOWPATH_SERVER: `localhost:${server.port}`,
        TOWPATH_USER: "u",
        TOWPATH_PASSWORD: "password",
        TOWPATH_CA: join(home, "ca.pem"),
        INIT_CWD: inside,
        XDG_CONFIG_HOME: join(home, "config"),
      },
    });
    return { ...run, files: [...walk(home)].sort(), requests: server.requests };
  } finally {
    Deno.removeSync(home, { recursive: true });
  }
}

const tree = (name: string) => (request: FakeRequest): Answer[] => {
  if (request.command === "STAT") return [{ status: "OK", data: { type: "directory" } }];
  if (request.command === "LIST") {
    return [{ status: "OK", data: { path: "/t", entries: [{ ...file, name }] } }];
  }
  return honest();
};

Deno.test("download -r refuses names that climb or cannot be", async () => {
  const names = ["../evil", "..", "a/../../evil", "/etc/evil", "a//b", "./a", "", "a\0b", "a\nb"];
  for (const name of names) {
    const { code, files, stderr } = await against(["download", "-r", "/t"], tree(name));
    assertEquals(code, 1, JSON.stringify(name));
    assertEquals(files.filter((one) => one !== "ca.pem"), [], JSON.stringify(name));
    assertMatch(stderr, /must not be/);
  }
});

/** Two pages of a listing: what was on the first is downloaded while the second is asked for. */
const pages = (second: Answer[] | undefined) => (request: FakeRequest): Answer[] | undefined => {
  if (request.command === "PARTS") return [{ status: "OK", data: { parts: [] } }];
  if (request.command !== "LIST") return tree("")(request);
  if (request.data.cursor !== undefined) return second;
  const entries = [{ ...file, name: "a" }, { ...file, name: "b" }];
  return [{ status: "OK", data: { path: "/t", entries, cursor: "b" } }];
};

Deno.test("download -r goes on past a name that must not be, or comes again", async () => {
  for (const name of ["../evil", "a"]) {
    const entries = [{ ...file, name }, { ...file, name: "c" }];
    const { code, files, stderr } = await against(
      ["download", "-r", "/t"],
      pages([{ status: "OK", data: { path: "/t", entries } }]),
    );
    assertEquals(code, 10, stderr);
    assertMatch(stderr, /must not be/);
    assertEquals(files, [
      "ca.pem",
      "inside/target/t/a",
      "inside/target/t/b",
      "inside/target/t/c",
    ]);
  }
});

Deno.test("download -r that was lost while it was listed is resumed", async () => {
  let lost = true;
  const rest = [{ ...file, name: "c" }];
  using server = await FakeServer.start((request) =>
    pages(lost ? undefined : [{ status: "OK", data: { path: "/t", entries: rest } }])(request)
  );
  const home = Deno.makeTempDirSync({ prefix: "towpath-listed-" });
  try {
    Deno.writeTextFileSync(join(home, "ca.pem"), server.ca);
    const env = {
      TOWPATH_SERVER: `localhost:${server.port}`,
      TOWPATH_USER: "u",
      TOWPATH_PASSWORD: "password",
      TOWPATH_CA: join(home, "ca.pem"),
      INIT_CWD: home,
      XDG_CONFIG_HOME: join(home, "config"),
    };
    const first = await runClient(["download", "-r", "/t"], { env });
    assertEquals(first.code, 7, first.stderr);
    assertEquals([...Deno.readDirSync(join(home, "t"))].map(({ name }) => name).sort(), [
      "a",
      "b",
    ]);
    lost = false;
    const second = await runClient(["resume"], { env });
    assertEquals(second.code, 0, second.stderr);
    assertMatch(second.stderr, /Continuing download/);
    assert(Deno.statSync(join(home, "t", "c")).isFile);
    assertEquals([...Deno.readDirSync(join(home, "config", "towpath", "trees"))], []);
  } finally {
    Deno.removeSync(home, { recursive: true });
  }
});

Deno.test("download -r takes the entries that are as they should be", async () => {
  const { code, files } = await against(["download", "-r", "/t"], tree("a/...b"));
  assertEquals(code, 0);
  assertEquals(files, ["ca.pem", "inside/target/t/a/...b"]);
});

Deno.test("download writes under the name asked for, whatever the server calls it", async () => {
  const { files } = await against(["download", "/x.txt"], () => {
    const [first, ...rest] = honest() as [{ status: "OK"; data: object }, ...Answer[]];
    return [{ ...first, code: 150, data: { ...first.data, filename: "../../evil" } }, ...rest];
  });
  assertEquals(files.filter((name) => !name.startsWith("config")), [
    "ca.pem",
    "inside/target/x.txt",
  ]);
});

Deno.test("a listing that does not end, or repeats itself, is an error", async () => {
  for (const entries of [[], [{ ...file, name: "same" }]]) {
    const { code, stderr, requests } = await against(
      ["list"],
      () => [{ status: "OK", data: { path: "/", entries, cursor: "again" } }],
    );
    assertEquals(code, 1);
    assertMatch(stderr, /does not end/);
    assert(requests.length < 6);
  }
});

Deno.test("a listing without entries is no empty directory", async () => {
  for (const entries of [undefined, null, {}, "none"]) {
    const { code, stderr } = await against(["list"], () => [{ status: "OK", data: { entries } }]);
    assertEquals(code, 1);
    assertMatch(stderr, /no usable "entries"/);
  }
});

Deno.test("sizes that lie are exit code 6, and leave nothing under the name", async () => {
  const announce = (file_size: number, length = file_size) => ({
    status: "OK" as const,
    code: 150,
    data: { file_size, file_hash: sha256("hello"), mtime: 0, offset: 0, length },
  });
  const end: Answer = { status: "OK", code: 226 };
  const cases: [Answer[], number][] = [
    [[announce(4), { bytes: hello }, end], 6],
    [[announce(6), { bytes: hello }, end], 6],
    [[announce(5), { bytes: new TextEncoder().encode("HELLO") }, end], 6],
    [[announce(5, 4), { bytes: hello }, end], 1],
    [[announce(-1), end], 1],
    [[announce(2 ** 53), { bytes: hello }, end], 1],
    [[end], 6],
  ];
  for (const [answers, expected] of cases) {
    for (const args of [["download", "/f"], ["download", "-r", "/t"]]) {
      const { code, files } = await against(
        args,
        (request) => request.command === "DOWNLOAD" ? answers : tree("f")(request),
      );
      assertStrictEquals(code, expected, JSON.stringify([args, answers]));
      assert(!files.includes("inside/target/f") && !files.includes("inside/target/t/f"));
    }
  }
});

Deno.test("data and replies without a request end the connection", async () => {
  const unasked = await against(["stat", "/f"], () => [{ bytes: hello }, { status: "OK" }]);
  assertEquals(unasked.code, 1);
  assertMatch(unasked.stderr, /without a request/);
});

Deno.test("a reply that is not of the protocol is an error without a stack trace", async () => {
  const answers = [{ status: "NONSENSE" as "OK" }];
  const { code, stderr } = await against(["stat", "/f"], () => answers);
  assertEquals(code, 1);
  assertNotMatch(stderr, /\bat |\.ts/);
});

Deno.test("terminal escapes in names and messages are made harmless", async () => {
  const evil = "a\x1b]0;owned\x07\x9b2J\u202eb\r\nc";
  const entries = [{ ...file, name: evil, hash: `\x1b[31m` }];
  // deno-lint-ignore no-control-regex
  const harmful = /[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]/;
  const list = () => [{ status: "OK" as const, data: { path: "/", entries } }];
  for (const args of [["list"], ["list", "-l"], ["list", "--json"]]) {
    const { code, stdout } = await against(args, list);
    assertEquals(code, 0);
    assertNotMatch(stdout, harmful);
    assertEquals(stdout.trimEnd().split("\n").length, 1);
  }
  const failed = await against(["rm", "f"], () => [{ status: "ERROR", data: { message: evil } }]);
  assertEquals(failed.code, 1);
  assertNotMatch(failed.stderr, harmful);
  const shown = await against(["stat", "f"], () => [{ status: "OK", data: { [evil]: evil } }]);
  assertNotMatch(shown.stdout, harmful);
});

Deno.test("a reply cannot pass itself off as another event", async () => {
  const { events } = await against(
    ["stat", "f", "--json"],
    () => [{ status: "OK", data: { event: "error", size: 1 } }],
  );
  assertEquals(events.map((one) => one.event), ["done"]);
});

Deno.test("a server that stores something else is exit code 6", async () => {
  const { code } = await against(
    ["upload", "f"],
    (request) =>
      request.command === "UPLOAD"
        ? [{ status: "OK", code: 226, data: { filename: "/f", size: 5, hash: sha256("other") } }]
        : [],
    { prepare: (home) => Deno.writeTextFileSync(join(home, "f"), "hello") },
  );
  assertEquals(code, 6);
});

Deno.test("a certificate for another name, or of an unknown authority, is exit code 7", async () => {
  const wrong = await against(["list"], () => [], { name: "other.example.org" });
  assertEquals(wrong.code, 7);
  assertMatch(wrong.stderr, /another name/);
  assertEquals(wrong.requests, []);
  using server = await FakeServer.start(() => []);
  const unknown = await runClient(["list", "--server", `localhost:${server.port}`], {
    env: { TOWPATH_USER: "u", TOWPATH_PASSWORD: "password", INIT_CWD: "/nonexistent" },
  });
  assertEquals(unknown.code, 7);
  assertMatch(unknown.stderr, /client trust/);
  assertEquals(server.requests, []);
});

Deno.test("an authority that is another than the trusted one is reported as changed, exit code 7", async () => {
  const directory = Deno.makeTempDirSync();
  const before = await makeAuthority();
  const now = await makeAuthority();
  const { cert, key } = await makeLeaf(now, ["localhost"]);
  const listener = Deno.listenTls({ hostname: "127.0.0.1", port: 0, cert: cert + now.cert, key });
  const serving = (async () => {
    for await (const connection of listener) {
      connection.handshake().catch(() => {}).finally(() => connection.close());
    }
  })();
  try {
    const ca = join(directory, "ca.pem");
    Deno.writeTextFileSync(ca, before.cert);
    const server = `localhost:${listener.addr.port}`;
    const { code, stderr } = await runClient(["list", "--server", server, "--ca", ca], {
      env: { TOWPATH_USER: "u", TOWPATH_PASSWORD: "password", INIT_CWD: directory },
    });
    const [was, is] = [before, now].map((one) => new X509Certificate(one.cert).fingerprint256);
    assertEquals(code, 7);
    assert(stderr.includes(`changed: it was ${was}, and is now ${is}. If that`), stderr);
    assert(stderr.includes(`client trust ${server}`), stderr);
  } finally {
    listener.close();
    await serving.catch(() => {});
    Deno.removeSync(directory, { recursive: true });
  }
});

Deno.test("a server that always cuts is given up after the tries, exit code 7", async () => {
  const { code, events } = await against(
    ["download", "/f", "--json", "--retries", "2"],
    () => undefined,
  );
  assertEquals(code, 7);
  const reported = events.map((one) => one.event).filter((event) => event !== "progress");
  assertEquals(reported, ["start", "retry", "retry", "error"]);
});

Deno.test("a symbolic link with a temporary name is not followed, by --resume either", async () => {
  let kept = "";
  const { code, files } = await against(["download", "/f", "--resume"], (request) => {
    kept = Deno.readTextFileSync(precious);
    return request.command === "DOWNLOAD" ? honest() : [{ status: "FILE_NOT_FOUND" }];
  }, {
    prepare(home) {
      precious = join(home, "precious");
      Deno.writeTextFileSync(precious, "mine");
      Deno.symlinkSync(precious, join(home, ".f.0123abcd.towpath-part"));
    },
  });
  assertEquals(code, 0);
  assertEquals(kept, "mine");
  assert(files.includes("inside/target/f"));
  assert(files.includes("inside/target/.f.0123abcd.towpath-part"));
});

let precious = "";

function* walk(root: string, prefix = ""): Generator<string> {
  for (const entry of Deno.readDirSync(join(root, prefix))) {
    const name = join(prefix, entry.name);
    if (name.startsWith("config")) continue;
    if (entry.isDirectory) yield* walk(root, name);
    else yield name;
  }
}

Deno.test("a download that is begun twice in one reply is refused", async () => {
  const [begin, data, end] = honest();
  const { code, stderr, files } = await against(
    ["download", "/hello"],
    () => [begin!, begin!, data!, end!],
  );
  assertEquals(code, 1, stderr);
  assertMatch(stderr, /The server began the same transfer twice/);
  assert(!files.includes("hello"));
});

Deno.test("--timeout holds while logging in", async () => {
  using server = await FakeServer.start(() => []);
  server.silent.add("AUTH");
  const home = Deno.makeTempDirSync({ prefix: "towpath-hostile-" });
  try {
    Deno.writeTextFileSync(join(home, "ca.pem"), server.ca);
    const { code, stderr } = await runClient(
      ["list", "--timeout", "300ms", "--retries", "0"],
      {
        env: {
          TOWPATH_SERVER: `localhost:${server.port}`,
          TOWPATH_USER: "u",
          TOWPATH_PASSWORD: "password",
          TOWPATH_CA: join(home, "ca.pem"),
          XDG_CONFIG_HOME: join(home, "config"),
        },
      },
    );
    assertEquals(code, 7, stderr);
    assertMatch(stderr, /The server has been silent for/);
  } finally {
    Deno.removeSync(home, { recursive: true });
  }
});
