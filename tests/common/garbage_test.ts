import { assert, assertEquals } from "@std/assert";
import project from "../../deno.json" with { type: "json" };

Deno.test("with the server's flags a thread gives back the memory that it needs no more", async () => {
  const flags = project.tasks.serve.command.split(" ").filter((word) => word.startsWith("--v8-"));
  const program = `
    import { collectGarbage } from "${import.meta.resolve("../../common/garbage.ts")}";
    (() => { for (let left = 200; left > 0; left--) new Array(5000).fill(left); })();
    const before = Deno.memoryUsage().heapTotal;
    collectGarbage();
    console.log(before - Deno.memoryUsage().heapTotal);
  `;
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", "--quiet", "--no-config", "--no-lock", ...flags, program],
  }).output();
  assertEquals(code, 0, new TextDecoder().decode(stderr));
  const given = Number(new TextDecoder().decode(stdout));
  assert(given > 2 ** 20, `${given} bytes`);
});
