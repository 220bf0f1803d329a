// `admin` on the data directory and `client admin`: the same words, the same abilities.
import { assert, assertEquals, assertMatch } from "@std/assert";
import { adminWords, usageOf } from "../../common/admin/command_line.ts";
import { ADMIN_WORDS, type AdminName } from "../../common/admin/words.ts";
import { ADMIN_COMMANDS, adminHelp } from "../../server/admin/commands.ts";
import { serverCandidates } from "../../server/cli/complete.ts";
import { ADMIN_ACTIONS } from "../../client/cli/admin/actions.ts";
import { ADMIN_OPTIONS, SHARED_NAMES } from "../../client/cli/admin/options.ts";
import { admin as clientAdmin } from "../../client/cli/commands/admin.ts";
import { allCommands } from "../../client/cli/commands.ts";
import { candidates } from "../../client/cli/completion/candidates.ts";
import { commandHelp } from "../../client/cli/options/help.ts";
import { manPages } from "../../docs/man/pages.ts";
import project from "../../deno.json" with { type: "json" };
import { World } from "../client/world.ts";
import { until } from "../support/native.ts";

const NAMES = Object.keys(ADMIN_WORDS) as AdminName[];
const ROOT = new URL("../../", import.meta.url).pathname;

Deno.test("both programs have every command of the table, but for those on the server's files", () => {
  assertEquals(ADMIN_COMMANDS.map(({ name }) => name).toSorted(), NAMES.toSorted());
  assertEquals(Object.keys(ADMIN_ACTIONS).toSorted(), SHARED_NAMES.toSorted());
  const local = NAMES.filter((name) => !(SHARED_NAMES as string[]).includes(name));
  assertEquals(local, [
    "kept",
    "kept rm",
    "kept restore",
    "backup",
    "restore",
    "migrate",
    "collect",
    "tls renew-authority",
  ]);
  for (const { name, flags } of ADMIN_COMMANDS) {
    assertEquals(Object.keys(flags).toSorted(), Object.keys(adminWords(name).options).toSorted());
    for (const [option, { placeholder }] of Object.entries(flags)) {
      const { value } = adminWords(name).options[option]!;
      assertEquals(placeholder === null, value === undefined, `${name} --${option}`);
    }
  }
  const optionNames = new Set(ADMIN_OPTIONS.map(({ name }) => name));
  for (const name of SHARED_NAMES) {
    for (const option of Object.keys(adminWords(name).options)) assert(optionNames.has(option));
  }
});

Deno.test("help, man pages and completion of both show every command and option", async () => {
  const pages = manPages();
  const clientHelp = commandHelp(clientAdmin);
  for (const name of NAMES) {
    const shared = (SHARED_NAMES as string[]).includes(name);
    assert(adminHelp().includes(`  ${usageOf(name)}\n`), name);
    assertEquals(clientHelp.includes(`  ${usageOf(name)}\n`), shared, name);
    const words = name.split(" ");
    const [last] = words.slice(-1);
    const ofServer = serverCandidates("admin", words).map((line) => line.split("\t")[0]);
    assert(ofServer.includes(last!), `${name}: ${ofServer}`);
    const ofClient = await candidates(["admin", ...words], await allCommands(), () => none);
    assertEquals(ofClient.map((line) => line.split("\t")[0]).includes(last!), shared, name);
    for (const option of Object.keys(adminWords(name).options)) {
      const found = serverCandidates("admin", [...words, `--${option}`]);
      assert(found.some((line) => line.startsWith(`--${option}\t`)), `${name} --${option}`);
      for (const page of ["towpath-admin.1", ...(shared ? ["towpath-client.1"] : [])]) {
        assert(pages.get(page)!.includes(option.replaceAll("-", "\\-")), `${page} --${option}`);
      }
    }
  }
});

const none = () => Promise.resolve([]);

/** Both programs on one server. */
class Both implements AsyncDisposable {
  private constructor(readonly world: World) {}

  static async start(): Promise<Both> {
    return new Both(await World.start(["--workers", "2"]));
  }

  /** Runs a command of `admin` on the data directory. */
  async local(args: string[], stdin = ""): Promise<{ code: number; text: string; stderr: string }> {
    const child = new Deno.Command(Deno.execPath(), {
      args: [...project.tasks.admin.command.split(" ").slice(1), ...args],
      cwd: ROOT,
      env: { TOWPATH_DATA: this.world.server.data, INIT_CWD: this.world.home },
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const writer = child.stdin.getWriter();
    await writer.write(new TextEncoder().encode(stdin)).catch(() => {});
    await writer.close().catch(() => {});
    const { code, stdout, stderr } = await child.output();
    const decoder = new TextDecoder();
    return { code, text: decoder.decode(stdout), stderr: decoder.decode(stderr) };
  }

  /** Runs a command of `client admin`. */
  async remote(
    args: string[],
    stdin = "",
  ): Promise<{ code: number; text: string; stderr: string }> {
    const { code, stdout, stderr } = await this.world.run(["admin", ...args], { stdin });
    return { code, text: stdout, stderr };
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.world[Symbol.asyncDispose]();
  }
}

Deno.test("admin and client admin do the same on a server that runs", async (t) => {
  await using both = await Both.start();
  const { world } = both;
  const sides = {
    local: both.local.bind(both),
    remote: both.remote.bind(both),
  } as const;

  for (const side of ["local", "remote"] as const) {
    const run = sides[side];
    const json = async (...args: string[]) => {
      const { code, text, stderr } = await run([...args, "--json"]);
      assertEquals(code, 0, stderr);
      return JSON.parse(text.trim().split("\n").at(-1)!);
    };
    const name = `user-${side}`;

    await t.step(`${side}: accounts and their passwords`, async () => {
      const made = await json("user", "add", name, "--permissions", "rw", "--quota", "none");
      assertMatch(made.password, /^\S{12,}$/);
      const typed = await run(["user", "passwd", name, "--password-stdin"], "correct horse\n");
      assertEquals(typed.code, 0, typed.stderr);
      const user = { env: { TOWPATH_USER: name, TOWPATH_PASSWORD: "correct horse" } };
      assertEquals((await world.run(["whoami"], user)).stdout, `${name}\n`);
      world.write("new-secret", "battery staple\n");
      const file = world.path("new-secret");
      await json("user", "passwd", name, "--new-password-file", file);
      assertEquals((await world.run(["whoami"], user)).code, 3);
      const two = ["user", "add", "x", "--new-password-file", file, "--password-stdin"];
      assertEquals((await run(two)).code, 2);
    });

    await t.step(`${side}: limits`, async () => {
      const set = await json(
        ...["user", "limit", name, "--rate", "2M", "--rate-up", "none", "--connections", "3"],
        ...["--allow-ip", "127.0.0.0/8,::1"],
      );
      const limits = {
        rate: 2 * 1024 ** 2,
        rate_up: null,
        connections: 3,
        allow_ip: ["127.0.0.0/8", "::1"],
      };
      assertEquals(set.limits, limits);
      const { rate: _, ...rest } = limits;
      const cleared = await json("user", "limit", name, "--rate", "default");
      assertEquals(cleared.limits, rest);
      assertEquals((await json("user", "limit", name)).limits, rest);
      const { users } = await json("user", "list");
      assertEquals(users.find((user: { username: string }) => user.username === name).limits, rest);
      const doors = await json("user", "limit", name, "--doors", "api,native");
      assertEquals(doors.limits.doors, ["native", "api"]);
      await json("user", "limit", name, "--doors", "default");
      assertEquals((await run(["user", "limit", name, "--allow-ip", "nowhere"])).code, 2);
      assertEquals((await run(["user", "limit", name, "--doors", "gopher"])).code, 2);
      assertEquals((await run(["user", "limit", "missing"])).code, 4);
    });

    await t.step(`${side}: limits of addresses`, async () => {
      const network = side === "local" ? "203.0.113.0/24" : "any";
      const limits = { rate_down: 1024 ** 2, requests: 500 };
      const made = await json(
        ...["limit", network, "--rate-down", "1M", "--requests", "500", "--doors", "default"],
      );
      assertEquals([made.network, made.limits], [network, limits]);
      assertEquals((await json("limits")).networks, [{ network, limits }]);
      assertMatch((await run(["limit", network])).text, /^Requests +500 per minute$/m);
      await json("limit", network, "--rate-down", "default", "--requests", "default");
      assertEquals((await json("limits")).networks, []);
      assertEquals((await run(["limit", "nowhere"])).code, 2);
    });

    await t.step(`${side}: bans`, async () => {
      const network = side === "local" ? "203.0.113.0/24" : "2001:db8::/32";
      const made = await json("ban", network, "--for", "1d", "--reason", "guessing");
      assertEquals([made.network, made.reason], [network, "guessing"]);
      const { bans } = await json("bans");
      assert(bans.some((ban: { network: string }) => ban.network === network));
      await json("unban", network);
      const again = await run(["unban", network]);
      assertEquals(again.code, 4);
      assertMatch(again.stderr, /not banned/);
      assertEquals((await run(["ban", "nowhere"])).code, 2);
    });

    await t.step(`${side}: locks`, async () => {
      const { code, stderr } = await world.run([
        "lock",
        "/locked",
        "--note",
        "mine",
        "--for",
        "1h",
      ]);
      assertEquals(code, 0, stderr);
      const { locks } = await json("locks");
      const [{ filename, owner, by, note }] = locks;
      assertEquals([filename, owner, by, note], ["/locked", "admin", "admin", "mine"]);
      assertMatch((await run(["locks"])).text, /^\/locked +admin +admin +20.* mine$/m);
      assertEquals((await json("locks", "break", "admin", "/locked")).filename, "/locked");
      assertEquals((await run(["locks", "break", "admin", "locked"])).code, 4);
      assertEquals((await json("locks")).locks, []);
    });

    await t.step(`${side}: import`, async () => {
      const lines = `in-${side}-a:correct horse\n# no line\nadmin:correct horse\nin-${side}-b:x\n`;
      const tried = await run(["user", "import", "-", "--dry-run"], lines);
      assertMatch(tried.text, /^Accounts would be made: 1; lines refused: 2$/m);
      const made = await run(["user", "import", "-", "--permissions", "r"], lines);
      assertEquals(made.code, 10);
      assertMatch(made.text, /^line 3: admin: refused: There is an account "admin" already/m);
      assertMatch(made.text, /^Accounts made: 1; lines refused: 2$/m);
      const { users } = await json("user", "list");
      const one = users.find((user: { username: string }) => user.username === `in-${side}-a`);
      assertEquals(one.permissions, "r");
    });

    await t.step(`${side}: sessions, unfinished uploads`, async () => {
      // Slow enough to be there until it is ended.
      const slow = ["--limit-rate", "20K", "--retries", "0"];
      world.write("large", "x".repeat(4 * 1024 ** 2));
      const upload = world.start(["upload", "large", "--to", `/cut-${side}`, ...slow]);
      // deno-lint-ignore no-explicit-any
      const mine = async (): Promise<any> => {
        const { sessions } = await json("who");
        return sessions.find((one: { transfer?: { filename: string } }) =>
          one.transfer?.filename === `/cut-${side}`
        );
      };
      await until("the upload is seen", async () => await mine() !== undefined);
      const { session_id, username } = await mine();
      assertEquals(username, "admin");
      await json("kick", session_id);
      const { code, stderr } = await upload.run;
      assert(code !== 0, stderr);
      assertEquals((await run(["kick", session_id])).code, 4);
      const { parts } = await json("parts");
      const part = parts.find((one: { shown: string }) => one.shown === `/cut-${side}`);
      assertEquals(part.username, "admin");
      await json("parts", "rm", part.temp_id);
      const again = await run(["parts", "rm", part.temp_id]);
      assertEquals(again.code, 4);
      assertMatch(again.stderr, /no such unfinished upload/);
      const kept = world.start(["upload", "large", "--to", `/old-${side}`, ...slow]);
      await until("it is there", async () => (await json("parts")).parts.length > 0);
      await json("parts", "rm", (await json("parts")).parts[0].temp_id);
      assert((await kept.run).code !== 0, "the writer's upload was dropped");
      await json("parts", "--expire", "--part-ttl", "1d");
    });

    await t.step(`${side}: verify, forgetting missing files`, async () => {
      world.write("lost.txt", side);
      const sent = await world.run(["upload", "lost.txt", "--to", `/lost-${side}.txt`]);
      assertEquals(sent.code, 0, sent.stderr);
      assertEquals((await run(["verify"])).code, 0);
      Deno.removeSync(`${world.server.data}/users/a/admin/files/lost-${side}.txt`);
      const found = await run(["verify", "admin"]);
      assertEquals(found.code, 6, found.stderr);
      assertMatch(found.text, new RegExp(`^missing: admin /lost-${side}\\.txt: `, "m"));
      const forgot = await run(["verify", "admin", "--forget-missing"]);
      assertEquals(forgot.code, 0, forgot.stderr);
      assertMatch(forgot.text, new RegExp(`^forgotten: admin /lost-${side}\\.txt`, "m"));
      assertEquals((await run(["verify", "missing"])).code, 4);
    });

    await t.step(`${side}: logs and status`, async () => {
      const audit = await run(["logs", "audit", "--contains", `"${name}"`, "--lines", "50"]);
      assertMatch(audit.text, /"action":"limits","result":"ok"/);
      assertMatch(audit.text, side === "local" ? /"door":"admin"/ : /"door":"native"/);
      assertEquals((await run(["logs", "nonsense"])).code, 2);
      assertMatch((await run(["status"])).text, /^Server +runs.* version /m);
      assertEquals((await json("status")).parts, 0);
    });

    await t.step(`${side}: removal with files`, async () => {
      await json("user", "remove", name, "--delete-files");
      assertEquals((await run(["user", "remove", name])).code, 4);
    });
  }

  await t.step("options belong to their commands, in both", async () => {
    for (const run of [both.local.bind(both), both.remote.bind(both)]) {
      const wrong = await run(["who", "--quota", "1M"]);
      assertEquals(wrong.code, 2);
      assertMatch(wrong.stderr, /who takes no option --quota/);
      const missing = await run(["user", "limit"]);
      assertMatch(missing.stderr, /NAME is missing: .*admin user limit NAME/);
      const help = await run(["user", "limit", "--help"]);
      assertEquals(help.code, 0);
      assertMatch(help.text, /--rate-up SIZE\|default/);
    }
  });
});

Deno.test("admin who and kick say that no server runs; logs and parts rm need none", async () => {
  const world = await World.start();
  try {
    const { data } = world.server;
    const copy = `${world.home}/copy`;
    await new Deno.Command("cp", { args: ["-a", data, copy] }).output();
    const run = async (...args: string[]) => {
      const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
        args: [...project.tasks.admin.command.split(" ").slice(1), ...args, "--data", copy],
        cwd: ROOT,
        stdin: "null",
      }).output();
      const decoder = new TextDecoder();
      return { code, text: decoder.decode(stdout), stderr: decoder.decode(stderr) };
    };
    for (const args of [["who"], ["kick", "x"]]) {
      const { code, stderr } = await run(...args);
      assertEquals(code, 1);
      assertMatch(stderr, /^towpath: No server runs on .*, and sessions exist only while one runs/);
    }
    assertEquals((await run("logs", "--lines", "5")).code, 0);
    assertEquals((await run("parts", "rm", "none")).code, 4);
  } finally {
    await world[Symbol.asyncDispose]();
  }
});
