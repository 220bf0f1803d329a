import { fromFileUrl } from "@std/path";
import { assert, assertEquals, assertMatch } from "@std/assert";

const DEMO = fromFileUrl(new URL("../demo.ts", import.meta.url));

Deno.test("the demo brings a file through every interruption and leaves nothing behind", async () => {
  const temporary = await Deno.makeTempDir();
  try {
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", "--allow-all", DEMO],
      env: { TMPDIR: temporary },
      stdin: "null",
    }).output();
    const text = new TextDecoder().decode(stdout);
    assertEquals(code, 0, text + new TextDecoder().decode(stderr));
    assertMatch(text, /The file survived every interruption/);
    assertEquals(text.match(/resumed from +[1-9]/g)?.length, 2);
    assert(!text.includes("\x1b"), "no colour without a terminal");
    assertEquals(await Array.fromAsync(Deno.readDir(temporary)), []);
  } finally {
    await Deno.remove(temporary, { recursive: true });
  }
});
