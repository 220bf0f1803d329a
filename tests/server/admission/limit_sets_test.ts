/** Which limits hold: those of the limits file and of the catalog, of narrow and wide networks. */
import { assertEquals, assertThrows } from "@std/assert";
import { LimitSets, type LimitSource } from "../../../server/admission/limit_sets.ts";
import { parseLimits, readLimitsFile } from "../../../server/admission/limits_file.ts";
import { ExitError } from "../../../server/options/error.ts";

const FILE = parseLimits(
  JSON.stringify({
    accounts: {
      "*": { rate: "10M", connections: 8, doors: "all" },
      alice: { "rate-up": "none", requests: 300, doors: ["ftp", "native"] },
      bob: { doors: [], "allow-ip": ["192.0.2.0/24", "2001:db8::1"], "deny-ip": "10.0.0.1" },
    },
    addresses: {
      "10.1.0.0/16": { requests: 5, doors: "none" },
      "any": { requests: 60, connections: "none", rate: 1000 },
      "10.0.0.0/8": { requests: "none", doors: "web,api" },
      "2001:db8::/32": { rate: "2K" },
    },
  }),
  "the limits file x.json",
);

Deno.test("the limits file is read with the words of the command line", () => {
  const rate = 10 * 1024 ** 2;
  const all = ["native", "ftp", "web", "api", "tus"];
  assertEquals(FILE.accounts.get("*"), { rate, connections: 8, doors: all } as never);
  const doors = ["native", "ftp"] as const;
  assertEquals(FILE.accounts.get("alice"), { rateUp: null, requests: 300, doors });
  assertEquals(FILE.accounts.get("bob"), {
    doors: [],
    allowed: [{ address: "192.0.2.0", prefixLength: 24 }, {
      address: "2001:db8::1",
      prefixLength: 128,
    }],
    denied: [{ address: "10.0.0.1", prefixLength: 32 }],
  });
  assertEquals(readLimitsFile(null).networks, []);
});

Deno.test("a narrow network goes before a wide one, the catalog before the file", () => {
  const catalog: LimitSource = {
    accounts: new Map([["alice", { requests: 5 }], ["carol", { connections: null }]]),
    networks: [
      { address: "10.0.0.0", prefixLength: 8, limits: { doors: ["tus"] } },
      { address: "any", prefixLength: 0, limits: { rate: null } },
    ],
  };
  const limits = new LimitSets([FILE, catalog]);
  const { rate, connections, requests, doors } = limits.account("alice");
  assertEquals([rate, connections, requests, doors], [10 * 1024 ** 2, 8, 5, ["native", "ftp"]]);
  assertEquals(limits.account("carol").connections, null);
  assertEquals(limits.address("10.1.2.3"), {
    requests: 5,
    connections: null,
    rate: null,
    doors: [],
  });
  assertEquals(limits.address("::ffff:10.2.0.1").doors, ["tus"]);
  assertEquals(limits.address("10.2.0.1").requests, null);
  assertEquals(limits.address("203.0.113.1"), { requests: 60, connections: null, rate: null });
  assertEquals(limits.address("2001:db8:1::5").rate, 2048);
});

Deno.test("a wrong limits file is named in one sentence, with the wrong value", () => {
  const cases: [unknown, RegExp][] = [
    ["{", /^The limits file x\.json is not valid JSON: /],
    [[], /^The limits file x\.json must be a JSON object$/],
    [{ users: {} }, /^Unknown key "users" in the limits file x\.json: "accounts"/],
    [{ accounts: 5 }, /^"accounts" in the limits file x\.json must be a JSON object$/],
    [{ accounts: { Bob: {} } }, /^"Bob" in the limits file x\.json is no account: /],
    [{ accounts: { bob: { rte: 1 } } }, /^Unknown key "rte" of "bob" in .*: known are rate, /],
    [{ accounts: { bob: { rate: "fast" } } }, /^"rate" of "bob" in .* is "fast" but must be /],
    [{ accounts: { bob: { rate: true } } }, /has a value of the wrong type$/],
    [{ accounts: { bob: { connections: 0 } } }, /must be .*integer from 1/],
    [{ accounts: { bob: { doors: "gopher" } } }, /"gopher" but must be a list such as native,ftp/],
    [{ accounts: { bob: { "allow-ip": ["home"] } } }, /must be a network such as/],
    [{ addresses: { home: {} } }, /^"home" in .* must be a network such as .*, or any$/],
    [{ addresses: { any: { "deny-ip": [] } } }, /^Unknown key "deny-ip" of "any"/],
  ];
  for (const [json, wanted] of cases) {
    const text = typeof json === "string" ? json : JSON.stringify(json);
    const error = assertThrows(() => parseLimits(text, "the limits file x.json"), ExitError);
    if (!wanted.test(error.message)) assertEquals(error.message, String(wanted));
  }
  const missing = assertThrows(() => readLimitsFile("/nowhere/limits.json"), ExitError);
  assertEquals(
    /^Cannot read the limits file \/nowhere\/limits\.json: /.test(missing.message),
    true,
  );
});
