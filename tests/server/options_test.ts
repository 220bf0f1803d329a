import { assert, assertEquals, assertMatch, assertStrictEquals, assertThrows } from "@std/assert";
import { assertErrorLike } from "../support/errors.ts";
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
  const error = assertThrows(() => read(args, env, directory), ExitError, "", args.join(" "));
  assertEquals(error.exitCode, 2);
  assert(!error.message.includes("\n"));
  return error.message;
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
  for (const [text, bytes] of Object.entries(right)) assertStrictEquals(parseSize(text), bytes);
  for (const wrong of ["", "K", "-1", "1KB", "1e3", "0x10", "9007199254740993", "9999999T", "١"]) {
    assertEquals(parseSize(wrong), undefined, wrong);
  }
  assertEquals(formatSize(1536), "1.5 KiB");
  for (const bytes of [0, 1, 1023, 1024, 1536, 500 * 1024 ** 2, 10 * 1024 ** 3 + 1, 2 ** 53 - 1]) {
    assertStrictEquals(parseSize(exactSize(bytes)), bytes, exactSize(bytes));
  }
  assertEquals(exactSize(500 * 1024 ** 2), "500M");
});

Deno.test("a DUR is a number with ms, s, m, h or d", () => {
  const right = { "250ms": 250, "30s": 30_000, "1.5m": 90_000, "2h": 7_200_000, "7d": 604_800_000 };
  for (const [text, ms] of Object.entries(right)) assertStrictEquals(parseDuration(text), ms);
  for (const wrong of ["", "5", "s", "-1s", "1w", "1 s x", "9e9d"]) {
    assertEquals(parseDuration(wrong), undefined, wrong);
  }
});

Deno.test("without anything, the defaults hold", () => {
  const options = read([]);
  assertEquals(options.data, "/nowhere/data");
  assertEquals(options.host, "127.0.0.1");
  assertEquals(options.port, 9000);
  assertEquals(options.durability, "full");
  assertEquals(options["part-ttl"], 7 * 86_400_000);
  assertEquals(options["idle-timeout"], 300_000);
  assertEquals(options.quota, null);
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
      assertEquals(options.port, 3);
      assertEquals(options.host, "0.0.0.0");
      assertEquals(options.quota, 2 ** 30);
      assertEquals(options.name, ["a.example", "10.0.0.1"]);
      assertEquals(options["allow-ip"], [
        { address: "10.0.0.0", prefixLength: 8 },
        { address: "::1", prefixLength: 128 },
      ]);
      assertEquals(read(["--quota", "none"], {}, directory).quota, null);
    },
  );
});

Deno.test("paths are relative to the working directory; those of a config file to its directory", () => {
  assertEquals(read(["--data", "x"], {}, "/home/u").data, "/home/u/x");
  assertEquals(read([], { TOWPATH_DATA: "../y" }, "/home/u").data, "/home/y");
  withConfig({ cert: "tls/c.pem", key: "/k.pem" }, (directory) => {
    const options = read([], {}, directory);
    assertEquals(options.cert, `${directory}/data/tls/c.pem`);
    assertEquals(options.key, "/k.pem");
  });
});

Deno.test("a wrong value is one sentence that names its option, whatever its source", () => {
  assertMatch(refusal(["--port", "70000"]), /--port is "70000" but must be an integer/);
  assertMatch(refusal([], { TOWPATH_PART_TTL: "5" }), /TOWPATH_PART_TTL is "5" but must be/);
  assertMatch(refusal(["--host", "example.org"]), /--host .* IP address/);
  assertMatch(refusal(["--durability", "some"]), /--durability .* full or relaxed/);
  assertMatch(refusal(["--workers", "0"]), /--workers/);
  assertMatch(refusal(["--deny-ip", "10.0.0.0/33"]), /--deny-ip/);
  assertMatch(refusal(["--name", "a b"]), /--name/);
  assertMatch(refusal(["--cert", "c.pem"]), /--cert and --key go together/);
  withConfig({ "max-connections": "many" }, (directory) => {
    assertMatch(refusal([], {}, directory), /"max-connections" in .*config\.json is "many"/);
  });
  withConfig({ port: { a: 1 } }, (directory) => {
    assertMatch(refusal([], {}, directory), /"port" in .* wrong type/);
  });
});

Deno.test("unknown options are named", () => {
  assertMatch(refusal(["--prot", "1"]), /Unknown option --prot/);
  assertMatch(refusal(["-x"]), /Unknown option -x/);
  assertMatch(refusal(["serve"]), /Unexpected argument "serve"/);
  assertMatch(refusal(["--port"]), /--port needs a value/);
  for (const key of ["prot", "config", "__proto__", "constructor"]) {
    withConfig(`{"${key}": 1}`, (directory) => {
      assert(refusal([], {}, directory).includes(`Unknown key "${key}"`));
    });
  }
  withConfig("{port: 1}", (directory) => {
    assertMatch(refusal([], {}, directory), /not valid JSON/);
  });
  withConfig("[]", (directory) => assertMatch(refusal([], {}, directory), /one JSON object/));
});

Deno.test("a config file that was asked for must be there", () => {
  assertErrorLike(assertThrows(() => read(["--config", "missing.json"])), {
    name: "ExitError",
    exitCode: 1,
    message:
      /^Cannot read the config file .*missing\.json: No such file or directory: check the path$/,
  });
});

Deno.test("a door is switched off by name", () => {
  assertEquals(read(["--ftp-port", "off"])["ftp-port"], null);
});

Deno.test("help and reference describe every option", () => {
  const help = helpText();
  const reference = referenceTable();
  for (const name of OPTION_NAMES) {
    assert(help.includes(`--${name}`), name);
    assert(reference.includes(`\`--${name}`), name);
    assert(reference.includes(environmentName(name)), name);
    assert(!OPTIONS[name].summary.endsWith("."), name);
  }
  assert(help.split("\n").every((line) => line.length <= 100));
  assertEquals(readOptions({ args: ["--help"], variable: () => "", directory: "/" }).help, true);
});
