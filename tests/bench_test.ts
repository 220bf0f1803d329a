import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { parseOptions } from "../bench/options.ts";

const BENCH = fileURLToPath(new URL("../bench/main.ts", import.meta.url));
const PAGE = fileURLToPath(new URL("../bench/page.ts", import.meta.url));

Deno.test("the benchmark of a page measures it, cold, warm and after a change", async () => {
  const temporary = await Deno.makeTempDir();
  try {
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", "--allow-all", PAGE, "--entries", "300", "--repeat", "1"],
      env: { TMPDIR: temporary },
      stdin: "null",
    }).output();
    const text = new TextDecoder().decode(stdout);
    assert.equal(code, 0, text + new TextDecoder().decode(stderr));
    assert.match(text, /directory of 300 files, ms\n.*\n +\d+ +\d+ +\d+\n$/);
    assert.deepEqual(await Array.fromAsync(Deno.readDir(temporary)), []);
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
    assert.equal(code, 0, text + new TextDecoder().decode(stderr));
    const { series } = JSON.parse(await Deno.readTextFile(json));
    const measured = series.map((item: { transfer: string; contender: string }) =>
      `${item.contender} ${item.transfer}`
    );
    assert.deepEqual(measured, [
      "ceiling upload",
      "ceiling download",
      "towpath upload",
      "towpath download",
      "towpath uploadTree",
      "towpath downloadTree",
    ]);
    for (const { runs } of series) {
      assert.equal(runs.length, 1);
      for (const name of ["seconds", "serverPeakBytes", "clientPeakBytes", "clientCpuSeconds"]) {
        assert.ok(runs[0][name] > 0, name);
      }
    }
    const left = await Array.fromAsync(Deno.readDir(temporary), (entry) => entry.name);
    assert.deepEqual(left, ["result.json"]);
  } finally {
    await Deno.remove(temporary, { recursive: true });
  }
});

Deno.test("the benchmark's options are read, and wrong ones are named", () => {
  const options = parseOptions(["--size", "3M", "--only", "towpath,sftp"]);
  assert.deepEqual(options, {
    largeBytes: 3 * 1024 * 1024,
    files: 10_000,
    repeat: 3,
    only: ["towpath", "sftp"],
    json: undefined,
  });
  assert.deepEqual(parseOptions(["--quick"]), {
    largeBytes: 200 * 1024 * 1024,
    files: 1000,
    repeat: 1,
    only: undefined,
    json: undefined,
  });
  assert.throws(() => parseOptions(["--size", "many"]), /--size "many"/);
  assert.throws(() => parseOptions(["--repeat", "0"]), /--repeat "0"/);
  assert.throws(() => parseOptions(["--only", "towpath,scp"]), /scp/);
});
