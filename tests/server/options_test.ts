import assert from "node:assert/strict";
import { environmentName, OPTION_NAMES, OPTIONS } from "../../server/options/definitions.ts";
import { parseDuration } from "../../common/duration.ts";
import { ExitError } from "../../server/options/error.ts";
import { helpText, referenceTable } from "../../server/options/help.ts";
import { readOptions } from "../../server/options/read.ts";
import { exactSize, formatSize, parseSize } from "../../common/size.ts";

function read(args: string[], env: Record<string, string> = {}, directory = "/nowhere") {
  return readOptions({ args, variable: (name) => env[name], directory }).options;
}

function refusal(args: string[], env: Record<string, string> = {}, directory?: string): string {
  try {
    read(args, env, directory);
  } catch (error) {
    assert.ok(error instanceof ExitError, String(error));
    assert.equal(error.exitCode, 2);
    assert.ok(!error.message.includes("\n"));
    return error.message;
  }
  throw new Error(`accepted: ${args.join(" ")}`);
}

function withConfig(config: unknown, run: (directory: string) => void): void {
  const directory = Deno.makeTempDirSync();
  try {
    Deno.mkdirSync(`${directory}/data`);
    const text = typeof config === "string" ? config : JSON.stringify(config);
    Deno.writeTextFileSync(`${directory}/data/config.json`, text);
    run(directory);
  } finally {
    Deno.removeSync(directory, { recursive: true });
  }
}

Deno.test("a SIZE is a number with K, M, G, T or none", () => {
  const right = { "0": 0, "512": 512, "1K": 1024, "1.5m": 1572864, "2G": 2 ** 31, "1T": 2 ** 40 };
  for (const [text, bytes] of Object.entries(right)) assert.equal(parseSize(text), bytes);
  for (const wrong of ["", "K", "-1", "1KB", "1e3", "0x10", "9007199254740993", "9999999T", "١"]) {
    assert.equal(parseSize(wrong), undefined, wrong);
  }
  assert.equal(formatSize(1536), "1.5 KiB");
  for (const bytes of [0, 1, 1023, 1024, 1536, 500 * 1024 ** 2, 10 * 1024 ** 3 + 1, 2 ** 53 - 1]) {
    assert.equal(parseSize(exactSize(bytes)), bytes, exactSize(bytes));
  }
  assert.equal(exactSize(500 * 1024 ** 2), "500M");
});

Deno.test("a DUR is a number with ms, s, m, h or d", () => {
  const right = { "250ms": 250, "30s": 30_000, "1.5m": 90_000, "2h": 7_200_000, "7d": 604_800_000 };
  for (const [text, ms] of Object.entries(right)) assert.equal(parseDuration(text), ms);
  for (const wrong of ["", "5", "s", "-1s", "1w", "1 s x", "9e9d"]) {
    assert.equal(parseDuration(wrong), undefined, wrong);
  }
});

Deno.test("without anything, the defaults hold", () => {
  const options = read([]);
  assert.equal(options.data, "/nowhere/data");
  assert.equal(options.host, "127.0.0.1");
  assert.equal(options.port, 9000);
  assert.equal(options.durability, "full");
  assert.equal(options["part-ttl"], 7 * 86_400_000);
  assert.equal(options["idle-timeout"], 300_000);
  assert.equal(options.quota, null);
});

Deno.test("a flag beats the environment, which beats the config file", () => {
  withConfig(
    { port: 1, host: "::1", quota: "1G", name: ["a.example", "10.0.0.1"] },
    (directory) => {
      const env = {
        TOWPATH_PORT: "2",
        TOWPATH_HOST: "0.0.0.0",
        TOWPATH_ALLOW_IP: "10.0.0.0/8,::1",
      };
      const options = read(["--port=3"], env, directory);
      assert.equal(options.port, 3);
      assert.equal(options.host, "0.0.0.0");
      assert.equal(options.quota, 2 ** 30);
      assert.deepEqual(options.name, ["a.example", "10.0.0.1"]);
      assert.deepEqual(options["allow-ip"], [
        { address: "10.0.0.0", prefixLength: 8 },
        { address: "::1", prefixLength: 128 },
      ]);
      assert.equal(read(["--quota", "none"], {}, directory).quota, null);
    },
  );
});

Deno.test("paths start where the user stands; those of a config file where it lies", () => {
  assert.equal(read(["--data", "x"], {}, "/home/u").data, "/home/u/x");
  assert.equal(read([], { TOWPATH_DATA: "../y" }, "/home/u").data, "/home/y");
  withConfig({ cert: "tls/c.pem", key: "/k.pem" }, (directory) => {
    const options = read([], {}, directory);
    assert.equal(options.cert, `${directory}/data/tls/c.pem`);
    assert.equal(options.key, "/k.pem");
  });
});

Deno.test("a wrong value is one sentence that names its option, whatever its source", () => {
  assert.match(refusal(["--port", "70000"]), /--port is "70000" but must be an integer/);
  assert.match(refusal([], { TOWPATH_PART_TTL: "5" }), /TOWPATH_PART_TTL is "5" but must be/);
  assert.match(refusal(["--host", "example.org"]), /--host .* IP address/);
  assert.match(refusal(["--durability", "some"]), /--durability .* full or relaxed/);
  assert.match(refusal(["--workers", "0"]), /--workers/);
  assert.match(refusal(["--deny-ip", "10.0.0.0/33"]), /--deny-ip/);
  assert.match(refusal(["--name", "a b"]), /--name/);
  assert.match(refusal(["--cert", "c.pem"]), /--cert and --key go together/);
  withConfig({ "max-connections": "many" }, (directory) => {
    assert.match(refusal([], {}, directory), /"max-connections" in .*config\.json is "many"/);
  });
  withConfig({ port: { a: 1 } }, (directory) => {
    assert.match(refusal([], {}, directory), /"port" in .* wrong type/);
  });
});

Deno.test("what is unknown is named", () => {
  assert.match(refusal(["--prot", "1"]), /Unknown option --prot/);
  assert.match(refusal(["-x"]), /Unknown option -x/);
  assert.match(refusal(["serve"]), /Unexpected argument "serve"/);
  assert.match(refusal(["--port"]), /--port needs a value/);
  for (const key of ["prot", "config", "__proto__", "constructor"]) {
    withConfig(`{"${key}": 1}`, (directory) => {
      assert.ok(refusal([], {}, directory).includes(`Unknown key "${key}"`));
    });
  }
  withConfig("{port: 1}", (directory) => {
    assert.match(refusal([], {}, directory), /not valid JSON/);
  });
  withConfig("[]", (directory) => assert.match(refusal([], {}, directory), /one JSON object/));
});

Deno.test("a config file that was asked for must be there", () => {
  assert.throws(() => read(["--config", "missing.json"]), {
    name: "ExitError",
    exitCode: 1,
    message:
      /^Cannot read the config file .*missing\.json: No such file or directory: check the path$/,
  });
});

Deno.test("a door is switched off by name", () => {
  assert.equal(read(["--ftp-port", "off"])["ftp-port"], null);
});

Deno.test("help and reference tell of every option", () => {
  const help = helpText();
  const reference = referenceTable();
  for (const name of OPTION_NAMES) {
    assert.ok(help.includes(`--${name}`), name);
    assert.ok(reference.includes(`\`--${name}`), name);
    assert.ok(reference.includes(environmentName(name)), name);
    assert.ok(!OPTIONS[name].summary.endsWith("."), name);
  }
  assert.ok(help.split("\n").every((line) => line.length <= 100));
  assert.equal(readOptions({ args: ["--help"], variable: () => "", directory: "/" }).help, true);
});
