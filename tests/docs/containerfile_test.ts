// Runs the steps of the Containerfile as a plain script, in a directory in place of the image.
import { join } from "@std/path";
import { assert, assertEquals } from "@std/assert";
import { ROOT } from "../support/import_graph.ts";
import { isReady, runUntilReady } from "../support/machine/run_until_ready.ts";

const steps = Deno.readTextFileSync(join(ROOT, "Containerfile")).split("\n")
  .map((line) => /^([A-Z]+) (.*)$/.exec(line)).filter((match) => match !== null)
  .map(([, word, rest]) => ({ word: word!, rest: rest! }));

Deno.test("the steps of the Containerfile make a server that starts and stops", {
  ignore: Deno.build.os !== "linux",
}, async () => {
  const image = Deno.realPathSync(Deno.makeTempDirSync({ prefix: "towpath-image-" }));
  const cwd = join(image, "opt/towpath");
  Deno.mkdirSync(cwd, { recursive: true });
  Deno.mkdirSync(join(image, "bin"));
  Deno.symlinkSync(Deno.execPath(), join(image, "bin/deno"));
  const inImage = (text: string) => text.replaceAll("/data", join(image, "data"));
  const home = Deno.env.get("HOME") ?? "";
  const env: Record<string, string> = {
    PATH: `${join(image, "bin")}:${Deno.env.get("PATH")}`,
    TOWPATH_ADMIN_PASSWORD: "correct horse battery",
  };
  const run = async (args: string[]) => {
    const { success, stdout, stderr } = await new Deno.Command(args[0]!, {
      args: args.slice(1),
      cwd,
      clearEnv: true,
      env,
    }).output();
    assert(success, `${args.join(" ")}\n${new TextDecoder().decode(stderr)}`);
    return new TextDecoder().decode(stdout);
  };
  try {
    for (const { word, rest } of steps) {
      if (word === "COPY") {
        const names = rest.split(" ").slice(0, -1).map((name) => join(ROOT, name));
        await run(["cp", "-a", ...names, "."]);
      } else if (word === "ENV") {
        const [name, value] = rest.split("=") as [string, string];
        // Packages come from this machine's cache: a test loads nothing.
        env[name] = name === "DENO_DIR"
          ? Deno.env.get(name) ?? join(home, ".cache/deno")
          : inImage(value);
      } else if (word === "RUN") {
        // The owner of the files needs root, which a test may not be.
        await run(["sh", "-euc", inImage(rest.replace(/ && chown .*/, ""))]);
      }
    }
    const { rest } = steps.find(({ word }) => word === "ENTRYPOINT")!;
    const [program, ...args] = JSON.parse(rest) as [string, ...string[]];
    const server = new Deno.Command(join(image, "bin", program), {
      args: [...args, "--host", "127.0.0.1", "--port", "0", "--web-port", "0"],
      cwd,
      clearEnv: true,
      env,
      stdout: "null",
      stderr: "piped",
    }).spawn();
    const data = join(image, "data");
    let accounts: number | undefined;
    const { code, stderr } = await runUntilReady(server, data, {
      async onReady() {
        const words = ["deno", "run", "--quiet", "-P=admin", "admin.ts", "status", "--json"];
        ({ accounts } = JSON.parse(await run(words)));
      },
    });
    assertEquals(code, 0, new TextDecoder().decode(stderr));
    assertEquals(accounts, 1);
    assert(!isReady(data));
  } finally {
    Deno.removeSync(image, { recursive: true });
  }
});
