import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";

const DEMO = fileURLToPath(new URL("../demo.ts", import.meta.url));

Deno.test("the demo brings a file through every interruption and leaves nothing behind", async () => {
  const temporary = await Deno.makeTempDir();
  try {
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", "--allow-all", DEMO],
      env: { TMPDIR: temporary },
      stdin: "null",
    }).output();
    const text = new TextDecoder().decode(stdout);
    assert.equal(code, 0, text + new TextDecoder().decode(stderr));
    assert.match(text, /The file survived every interruption/);
    assert.equal(text.match(/resumed from +[1-9]/g)?.length, 2);
    assert.ok(!text.includes("\x1b"), "no colour without a terminal");
    assert.deepEqual(await Array.fromAsync(Deno.readDir(temporary)), []);
  } finally {
    await Deno.remove(temporary, { recursive: true });
  }
});
