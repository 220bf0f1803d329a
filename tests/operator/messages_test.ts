// Refusals of the operating system, in sentences: the path, the reason and what to do.
import { join } from "@std/path";
import {
  assert,
  assertEquals,
  assertMatch,
  assertNotEquals,
  assertNotMatch,
  assertThrows,
} from "@std/assert";
import { localError } from "../../client/lib/common/error.ts";
import { runAdmin } from "../../server/admin/run.ts";
import { reasonOf } from "../../common/os_reason.ts";
import { terminalWith, withData } from "../support/admin.ts";
import { CAN_SWITCH, OtherUser } from "../support/machine/other_user.ts";
import { runServer, startServer } from "../support/server.ts";
import { fill, mayMount, run, smallDisk } from "../support/machine/small_disk.ts";

/** A sentence that ends with what the operating system says, and nothing to do. */
const RAW =
  /(exists|is a directory|not a directory|denied|no such file or directory|left on device|read-only file system|open files)( \(os error.*)?\.?$/i;

/** Asserts that a message names a path, and says more than the operating system does. */
function isAdvice(message: string, path: string, step: RegExp): void {
  assert(message.includes(path), message);
  assertNotMatch(message, RAW);
  assertNotMatch(message, /os error|\n./);
  assertMatch(message, step);
}

async function inDirectory(work: (directory: string) => Promise<void> | void): Promise<void> {
  const directory = Deno.realPathSync(Deno.makeTempDirSync());
  try {
    await work(directory);
  } finally {
    Deno.removeSync(directory, { recursive: true });
  }
}

/** Holds both sides' sentences about one error at a path. */
function holdsFor(path: string, work: () => unknown, step: RegExp, clientStep: RegExp): void {
  const error = assertThrows(work, Error);
  isAdvice(reasonOf(error, path), path, step);
  const reported = localError(error, `Cannot use "${path}"`).message;
  isAdvice(reported, path, clientStep);
}

Deno.test("a refusal by the system is reported with path, reason and next step", async (t) => {
  await inDirectory(async (directory) => {
    const at = (name: string) => join(directory, name);
    Deno.mkdirSync(at("directory"));
    Deno.writeTextFileSync(at("file"), "");
    await t.step(
      "ENOENT",
      () => holdsFor(at("no"), () => Deno.openSync(at("no")), /check the path/, /check the name/),
    );
    await t.step("EEXIST", () => {
      const work = () => Deno.mkdirSync(at("file"));
      holdsFor(at("file"), work, /choose another/, /choose another/);
    });
    await t.step("EISDIR", () => {
      const work = () => Deno.openSync(at("directory"), { write: true });
      holdsFor(at("directory"), work, /move the directory away/, /choose a file/);
    });
    await t.step("ENOTDIR", () => {
      const work = () => Deno.openSync(at("file/x"));
      holdsFor(at("file/x"), work, /choose another place/, /choose another path/);
    });
    await t.step("ENOSPC", () => {
      const work = () => {
        using file = Deno.openSync("/dev/full", { write: true });
        file.writeSync(new Uint8Array(1));
      };
      holdsFor("/dev/full", work, /make room on the disk/, /make room/);
    });
  });
});

Deno.test("too many open files are reported with the limit to raise", async () => {
  const project = new URL("../../", import.meta.url).pathname;
  const program = `
    const { reasonOf } = await import("${project}common/os_reason.ts");
    const { localError } = await import("${project}client/lib/common/error.ts");
    const open = [];
    try {
      while (true) open.push(Deno.openSync("/dev/null"));
    } catch (error) {
      open.forEach((file) => file.close());
      console.log(reasonOf(error));
      console.log(localError(error, 'Cannot read "/dev/null"').message);
    }`;
  const { stdout } = await new Deno.Command("sh", {
    args: ["-c", 'ulimit -n 100; exec "$0" "$@"', Deno.execPath(), "eval", "--quiet", program],
    cwd: project,
    stdin: "null",
  }).output();
  const lines = new TextDecoder().decode(stdout).trimEnd().split("\n");
  assertEquals(lines.length, 2, lines.join("\n"));
  for (const line of lines) isAdvice(line, "/dev/null", /raise the limit .*\(ulimit -n\)/);
});

Deno.test("a disk that is read-only is reported as such", { ignore: !mayMount() }, async () => {
  await using disk = await smallDisk("size=1m");
  await run("mount", "-o", "remount,ro", disk.path);
  const path = join(disk.path, "file");
  const work = () => Deno.openSync(path, { write: true, create: true });
  holdsFor(path, work, /mount the file system writable/, /choose another place/);
  const { code, stderr } = await runServer(["--data", join(disk.path, "data"), "--port", "0"]);
  assertEquals(code, 1);
  isAdvice(stderr.trimEnd(), disk.path, /mount the file system writable/);
});

Deno.test("starts that the system refuses say which path, why and what to do", async (t) => {
  await inDirectory(async (directory) => {
    const at = (name: string) => join(directory, name);
    Deno.writeTextFileSync(at("file"), "");
    const starts: [
      name: string,
      path: string,
      step: RegExp,
      prepare: (data: string) => string[],
    ][] = [
      ["a certificate that is not there", at("no.pem"), /check the path/, () => {
        return ["--cert", at("no.pem"), "--key", at("no.pem")];
      }],
      ["a directory where the lock belongs", "/lock", /move the directory away/, (data) => {
        Deno.mkdirSync(join(data, "lock"));
        return [];
      }],
      ["a file where tls/ belongs", "/tls", /move away|move the file/, (data) => {
        Deno.writeTextFileSync(join(data, "tls"), "");
        return [];
      }],
    ];
    for (const [index, [name, path, step, prepare]] of starts.entries()) {
      await t.step(name, async () => {
        const data = at(`data${index}`);
        Deno.mkdirSync(data);
        const args = prepare(data);
        const { code, stderr } = await runServer(["--data", data, "--port", "0", ...args]);
        assertNotEquals(code, 0);
        isAdvice(stderr.trimEnd().split("\n").at(-1)!, path, step);
      });
    }
  });
});

Deno.test("a file where logs/ belongs ends nothing, and is reported", async () => {
  await inDirectory(async (directory) => {
    Deno.writeTextFileSync(join(directory, "logs"), "");
    await using server = await startServer({ data: directory });
    for (const name of ["server", "audit"]) {
      const trouble = new RegExp(`The ${name} log cannot be written.*`).exec(server.stderr);
      isAdvice(trouble?.[0] ?? server.stderr, `${directory}/logs/${name}.log`, /move/);
    }
    assertEquals(await server.stop(), 0);
  });
});

Deno.test("admin commands that the system refuses say which path, why and what to do", async (t) => {
  await withData(async ({ data }) => {
    await inDirectory(async (directory) => {
      const at = (name: string) => join(directory, name);
      Deno.writeTextFileSync(at("file"), "");
      Deno.mkdirSync(at("full/x"), { recursive: true });
      const refused: [args: string[], path: string, step: RegExp][] = [
        [["backup", at("no/backup.tar")], at("no"), /check the path/],
        [["backup", at("file/backup.tar")], at("file"), /choose another place/],
        [["backup", at("full")], at("full"), /choose another/],
        [["backup", "--files", "--incremental", at("file")], at("file"), /choose another|away/],
        [["restore", at("no.tar"), "--data", at("new")], at("no.tar"), /check the path/],
      ];
      for (const [args, path, step] of refused) {
        await t.step(args.slice(0, -1).join(" ") + path.slice(directory.length), async () => {
          const all = args.includes("--data") ? args : [...args, "--data", data];
          const command = { args: all, variable: () => undefined, directory: data };
          const error = await runAdmin(command, terminalWith("")).then(
            () => new Error("It was done"),
            (error) => error as Error,
          );
          isAdvice(error.message, path, step);
        });
      }
    });
  });
});

Deno.test("a backup to a full disk says so", { ignore: !mayMount() }, async () => {
  await using disk = await smallDisk("size=256k");
  fill(join(disk.path, "filling"));
  await withData(async ({ data }) => {
    const target = join(disk.path, "backup.tar");
    const from = { args: ["backup", target, "--data", data], variable: () => undefined };
    const error = await runAdmin({ ...from, directory: data }, terminalWith("")).then(
      () => new Error("It was done"),
      (error) => error as Error,
    );
    isAdvice(error.message, target, /make room/);
  });
});

Deno.test("what another user may not read is reported with its owner's remedy", {
  ignore: !CAN_SWITCH,
}, async () => {
  using user = new OtherUser();
  const data = join(user.home, "data");
  const added = await user.admin(["backup", "/root/backup.tar", "--data", data]);
  assertNotEquals(added.code, 0);
  Deno.mkdirSync(data);
  Deno.chownSync(data, 65534, 65534);
  await inDirectory(async (directory) => {
    Deno.chmodSync(directory, 0o700);
    const { code, stderr } = await user.admin([
      "restore",
      join(directory, "b.tar"),
      "--data",
      data,
    ]);
    assertNotEquals(code, 0);
    isAdvice(stderr.trimEnd(), directory, /chown|as its owner/);
  });
});

Deno.test("a refused rename is reported by the place that refused it", async () => {
  await inDirectory((directory) => {
    const [file, other, missing] = ["file", "other", "missing"].map((name) =>
      join(directory, name)
    );
    Deno.writeTextFileSync(file!, "");
    Deno.mkdirSync(other!);
    const reported = (from: string) => reasonOf(assertThrows(() => Deno.renameSync(from, other!)));
    assert(reported(file!).startsWith(`${other}: Is a directory: move the directory`));
    assert(reported(missing!).startsWith(`${missing}: No such file or directory: check`));
  });
});
