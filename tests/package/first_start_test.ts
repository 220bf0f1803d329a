// The first start of a program on a machine without any package: it fetches what it uses.
import { join } from "@std/path";
import { assert, assertEquals } from "@std/assert";
import { runUntilReady } from "../support/machine/run_until_ready.ts";
import project from "../../deno.json" with { type: "json" };
import importMap from "../../import_map.json" with { type: "json" };

const ROOT = new URL("../../", import.meta.url).pathname;
/** Packages that only tests import. */
const OF_TESTS = ["axe-core", "fast-check", "playwright-core", "tus-js-client"];

/** An empty machine: no packages, no home. */
class EmptyMachine implements Disposable {
  readonly place = Deno.makeTempDirSync({ prefix: "towpath-first-" });
  readonly options = {
    cwd: ROOT,
    // Proxies, authorities and registries are the machine's.
    env: { HOME: this.place, DENO_DIR: join(this.place, "deno"), NO_COLOR: "1" },
    stdin: "null",
  } as const;

  /** Names of all packages in the cache. */
  packages(): string[] {
    const found: string[] = [];
    const registries = join(this.place, "deno/npm");
    for (const registry of Deno.readDirSync(registries)) {
      const top = join(registries, registry.name);
      for (const { name } of Deno.readDirSync(top)) {
        if (!name.startsWith("@")) found.push(name);
        else for (const one of Deno.readDirSync(join(top, name))) found.push(`${name}/${one.name}`);
      }
    }
    return found.sort();
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.place, { recursive: true });
  }
}

/** Fails where a package of the tests was fetched. */
function assertNoneOfTests(stderr: string, packages: readonly string[]): void {
  assertEquals(packages.filter((name) => OF_TESTS.includes(name)), []);
  assert(!/playwright|fast-check/.test(stderr), stderr);
}

Deno.test("the first `deno task client` fetches the client's packages alone", async () => {
  using machine = new EmptyMachine();
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    ...machine.options,
    args: ["task", "client", "--version"],
  }).output();
  const text = new TextDecoder().decode(stderr);
  assertEquals(code, 0, text);
  const packages = machine.packages();
  assertNoneOfTests(text, packages);
  assert(packages.includes("string-width"), `${packages}`);
  assert(!packages.includes("hono"), `${packages}`);
});

Deno.test("the first `deno task serve` fetches no package of the tests", async () => {
  using machine = new EmptyMachine();
  const data = join(machine.place, "data");
  const child = new Deno.Command(Deno.execPath(), {
    ...machine.options,
    args: ["task", "serve", "--data", data, "--port", "0", "--web-port", "0", "--ftp-port", "0"],
    stdout: "null",
    stderr: "piped",
  }).spawn();
  const { code, stderr } = await runUntilReady(child, data, { timeoutMs: 120_000 });
  const text = new TextDecoder().decode(stderr);
  assertEquals(code, 0, text);
  assertNoneOfTests(text, machine.packages());
});

Deno.test("every task runs with the pinned versions, and `deno task` itself reads no package", () => {
  // It installs whatever a lock file, or `imports` in deno.json, names.
  assertEquals(project.lock, false);
  assert(!("imports" in project));
  for (const [name, { command }] of Object.entries(project.tasks)) {
    for (const part of command.split("&&")) {
      if (!/deno (run|test|check|cache|bundle)\b/.test(part)) continue;
      assert(part.includes(" --lock=deno.lock --frozen"), `${name}: ${part}`);
    }
  }
});

Deno.test("deno.lock pins each package of the import map", () => {
  const lock = JSON.parse(Deno.readTextFileSync(join(ROOT, "deno.lock")));
  const named = Object.values(importMap.imports).flatMap((target) => {
    const found = /^npm:\/?(.*?)\/?$/.exec(target);
    return found === null ? [] : [`npm:${found[1]}`];
  });
  assertEquals([...new Set(named)].sort(), Object.keys(lock.specifiers).sort());
});
