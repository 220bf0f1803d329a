import { fromFileUrl } from "@std/path";
import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import { parseOptions } from "../bench/options.ts";
import { missingPackages } from "../demo/cluster/packages.ts";

const BENCH = fromFileUrl(new URL("../bench/main.ts", import.meta.url));
const PAGE = fromFileUrl(new URL("../bench/page.ts", import.meta.url));

Deno.test("the benchmark of a page measures it, cold, warm and after a change", async () => {
  const temporary = await Deno.makeTempDir();
  try {
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", "--allow-all", PAGE, "--entries", "300", "--repeat", "1"],
      env: { TMPDIR: temporary },
      stdin: "null",
    }).output();
    const text = new TextDecoder().decode(stdout);
    assertEquals(code, 0, text + new TextDecoder().decode(stderr));
    assertMatch(text, /directory of 300 files, ms\n.*\n +\d+ +\d+ +\d+\n$/);
    assertEquals(await Array.fromAsync(Deno.readDir(temporary)), []);
  } finally {
    await Deno.remove(temporary, { recursive: true });
  }
});

Deno.test("the benchmark measures every transfer and leaves nothing behind", async () => {
  const temporary = await Deno.makeTempDir();
  const json = `${temporary}/result.json`;
  try {
    const options = ["--size", "2M", "--files", "20", "--repeat", "1", "--json", json];
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", "--allow-all", BENCH, ...options, "--only", "towpath,ceiling"],
      env: { TMPDIR: temporary },
      stdin: "null",
    }).output();
    const text = new TextDecoder().decode(stdout);
    assertEquals(code, 0, text + new TextDecoder().decode(stderr));
    const { series } = JSON.parse(await Deno.readTextFile(json));
    const measured = series.map((item: { transfer: string; contender: string }) =>
      `${item.contender} ${item.transfer}`
    );
    assertEquals(measured, [
      "ceiling upload",
      "ceiling download",
      "towpath upload",
      "towpath download",
      "towpath uploadTree",
      "towpath downloadTree",
    ]);
    for (const { runs } of series) {
      assertEquals(runs.length, 1);
      for (const name of ["seconds", "serverPeakBytes", "clientPeakBytes", "clientCpuSeconds"]) {
        assert(runs[0][name] > 0, name);
      }
    }
    const left = await Array.fromAsync(Deno.readDir(temporary), (entry) => entry.name);
    assertEquals(left, ["result.json"]);
  } finally {
    await Deno.remove(temporary, { recursive: true });
  }
});

Deno.test({
  name: "the benchmark of a cluster measures all its parts and leaves nothing behind",
  ignore: missingPackages().length > 0 && !Deno.env.has("CI"),
  async fn() {
    const temporary = await Deno.makeTempDir();
    await Deno.chmod(temporary, 0o755); // for PostgreSQL's own user
    try {
      const amounts = ["--quick", "--size", "2M", "--files", "20", "--uploads", "3"];
      const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
        args: ["task", "--quiet", "bench:cluster", ...amounts, "--store", "light"],
        cwd: fromFileUrl(new URL("../", import.meta.url)),
        env: { TMPDIR: temporary },
        stdin: "null",
      }).output();
      const text = new TextDecoder().decode(stdout);
      assertEquals(code, 0, text + new TextDecoder().decode(stderr));
      const figures = [...text.matchAll(/ {2,}([0-9.-]+)( [A-Za-z/]+)? +at (least|most)/g)];
      assertEquals(figures.length, 8, text);
      assertEquals(await Array.fromAsync(Deno.readDir(temporary)), []);
    } finally {
      await Deno.remove(temporary, { recursive: true });
    }
  },
});

Deno.test("the benchmark's options are read, and wrong ones are named", () => {
  const options = parseOptions(["--size", "3M", "--only", "towpath,sftp"]);
  assertEquals(options, {
    largeBytes: 3 * 1024 * 1024,
    files: 10_000,
    repeat: 3,
    only: ["towpath", "sftp"],
    json: undefined,
  });
  assertEquals(parseOptions(["--quick"]), {
    largeBytes: 200 * 1024 * 1024,
    files: 1000,
    repeat: 1,
    only: undefined,
    json: undefined,
  });
  assertMatch(String(assertThrows(() => parseOptions(["--size", "many"]))), /--size "many"/);
  assertMatch(String(assertThrows(() => parseOptions(["--repeat", "0"]))), /--repeat "0"/);
  assertMatch(String(assertThrows(() => parseOptions(["--only", "towpath,scp"]))), /scp/);
});
