// Holds that the delivered scripts are built from web/.

import { join } from "@std/path";
import { assert, assertEquals, assertNotMatch, assertStrictEquals } from "@std/assert";
import project from "../../../deno.json" with { type: "json" };

const ROOT = new URL("../../../", import.meta.url).pathname;
const BUNDLE = join(ROOT, "server/web/bundle");

Deno.test("the bundles are up to date: else run `deno task assets`", async () => {
  const made = await Deno.makeTempDir({ prefix: "towpath-bundle-" });
  try {
    const [deno, ...args] = project.tasks.assets.command.split(" ");
    assertEquals(deno, "deno");
    args[args.indexOf("--outdir") + 1] = made;
    const { success, stderr } = await new Deno.Command(Deno.execPath(), { args, cwd: ROOT })
      .output();
    assert(success, new TextDecoder().decode(stderr));
    const names = Array.from(Deno.readDirSync(made), ({ name }) => name).sort();
    assertEquals(names, ["hash_worker.js", "page.js", "upload.js"]);
    assertEquals(Array.from(Deno.readDirSync(BUNDLE), ({ name }) => name).sort(), names);
    for (const name of names) {
      const [kept, fresh] = [BUNDLE, made].map((place) => Deno.readTextFileSync(join(place, name)));
      assertStrictEquals(kept, fresh, name);
    }
  } finally {
    await Deno.remove(made, { recursive: true });
  }
});

Deno.test("modules that are in two bundles keep no state: there would be two of it", () => {
  const modulesOf = (name: string) => {
    const text = Deno.readTextFileSync(join(BUNDLE, name));
    return new Set(text.matchAll(/^\/\/ (\S+\/\S+\.ts)$/gm).map(([, module]) => module!));
  };
  const shared = modulesOf("page.js").intersection(modulesOf("upload.js"));
  assert(shared.has("web/common/dom.ts"));
  for (const module of shared) {
    const text = Deno.readTextFileSync(join(ROOT, module));
    assertNotMatch(text, /^(export )?(let |const .*= (new |\[|\{))/m, module);
  }
});
