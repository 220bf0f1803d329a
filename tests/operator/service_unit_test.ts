// The unit of docs/cli.md, "As a service": its command line serves as a user without privileges.
import config from "../../deno.json" with { type: "json" };
import { join } from "@std/path";
import { assert, assertEquals, assertMatch } from "@std/assert";
import {
  CAN_SWITCH,
  OtherUser,
  ownedByOthers,
  UNPRIVILEGED,
} from "../support/machine/other_user.ts";
import { isInstalled } from "../support/docs/blocks.ts";
import { runUntilReady } from "../support/machine/run_until_ready.ts";

const ROOT = new URL("../../", import.meta.url).pathname.replace(/\/$/, "");

/** The unit as the page has it. */
function textOfUnit(): string {
  const page = Deno.readTextFileSync(join(ROOT, "docs/cli.md"));
  const unit = /^## As a service\n[^]*?^( {4}\[Unit\]\n[^]*?)^\S/m.exec(page)![1]!;
  return unit.replace(/^ {4}/gm, "");
}

/** Settings of the unit on the page, by name; the last one of each counts. */
function unitOfPage(): Map<string, string> {
  const unit = textOfUnit().split("\n").map((line) => line.trim()).join("\n")
    .replaceAll("\\\n", "");
  return new Map(
    [...unit.matchAll(/^(\w+)=(.*)$/gm)].map(([, name, value]) => [name!, value!]),
  );
}

/** Runs the unit's command line until the server is ready, and stops it. */
async function runUnit(
  user: OtherUser,
  replace: (word: string) => string,
  data: string,
): Promise<{ code: number; text: string }> {
  const words = unitOfPage().get("ExecStart")!.split(/\s+/).map((word) =>
    replace(word.replace(/^\/usr\/bin\/deno$/, Deno.execPath()))
      .replaceAll("/opt/towpath", user.project)
  );
  const [program, args] = user.command(words[0]!, [...words.slice(1), "--port", "0"]);
  const child = new Deno.Command(program, {
    args,
    cwd: "/",
    clearEnv: true,
    env: { ...user.env, PATH: Deno.env.get("PATH")! },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  // It is stopped as KillMode=mixed does.
  const { code, stdout, stderr } = await runUntilReady(child, data);
  const decoder = new TextDecoder();
  return { code, text: decoder.decode(stdout) + decoder.decode(stderr) };
}

/** Makes a directory of the unprivileged user, as `StateDirectory=` does. */
function stateDirectory(path: string): string {
  Deno.mkdirSync(path, { mode: 0o700 });
  Deno.chownSync(path, UNPRIVILEGED, UNPRIVILEGED);
  return path;
}

Deno.test("the service unit's command line serves as an unprivileged user", {
  ignore: !CAN_SWITCH,
}, async () => {
  const unit = unitOfPage();
  using user = new OtherUser();
  const data = stateDirectory(join(user.home, "data"));
  const { code, text } = await runUnit(
    user,
    (word) => word.replaceAll("/var/lib/towpath", data),
    data,
  );
  assertEquals(code, 0, text);
  assertMatch(text, /is ready, data in/);
  assertEquals(ownedByOthers(data), []);
  // All that the task may read, but for what the npm package sets: several nodes need it.
  const [, granted = ""] = /--allow-env=(\S+)/.exec(unit.get("ExecStart")!) ?? [];
  const wanted = config.permissions.serve.env.filter((name) => name !== "npm_command");
  assertEquals(granted.split(","), wanted);
  // The process writes below what the unit leaves writable, and nowhere else.
  assertMatch(unit.get("ExecStart")!, /--allow-write=\/var\/lib\/towpath /);
  assertEquals(unit.get("ProtectSystem"), "strict");
  assertEquals(unit.get("StateDirectory"), "towpath");
});

Deno.test("a state directory that is a link, as DynamicUser= makes it, says what to permit", {
  ignore: !CAN_SWITCH,
}, async () => {
  using user = new OtherUser();
  const real = stateDirectory(join(user.home, "private"));
  const data = join(user.home, "data");
  Deno.symlinkSync(real, data);
  const replace = (word: string) => word.replaceAll("/var/lib/towpath", data);
  const refused = await runUnit(user, replace, data);
  assertEquals(refused.code, 1);
  const flags = /start it with (--allow-read=\S+) (--allow-write=\S+)\n/.exec(refused.text);
  assert(flags, refused.text);
  assert(flags[1]!.endsWith(`=${data},${real}`), flags[1]);
  const served = await runUnit(user, (word) => {
    if (word.startsWith("--allow-read=")) return `${flags[1]},/opt/towpath`;
    return word.startsWith("--allow-write=") ? flags[2]! : replace(word);
  }, data);
  assertEquals(served.code, 0, served.text);
  assertMatch(served.text, /is ready, data in/);
  assertEquals(ownedByOthers(real), []);
});

Deno.test("systemd finds no fault in the service unit", {
  ignore: Deno.build.os !== "linux" || !isInstalled("systemd-analyze"),
}, async () => {
  const directory = Deno.makeTempDirSync({ prefix: "towpath-unit-" });
  try {
    const unit = join(directory, "towpath.service");
    // It demands the programs of the unit; Deno may be in another place here.
    Deno.writeTextFileSync(unit, textOfUnit().replace("/usr/bin/deno", Deno.execPath()));
    const { code, stdout, stderr } = await new Deno.Command("systemd-analyze", {
      args: ["verify", "--man=no", unit],
    }).output();
    const decoder = new TextDecoder();
    // It names settings that it does not know, and still ends with 0.
    assertEquals(decoder.decode(stdout) + decoder.decode(stderr), "");
    assertEquals(code, 0);
  } finally {
    Deno.removeSync(directory, { recursive: true });
  }
});
