import assert from "node:assert/strict";
import { connectionCounter, doorLimits } from "../../server/limits.ts";
import { readOptions } from "../../server/options/read.ts";

function limits(args: string[], counter = connectionCounter()) {
  const { options } = readOptions({ args, variable: () => undefined, directory: "/nowhere" });
  return doorLimits(options, counter);
}

function verdict(of: ReturnType<typeof limits>, address: string): string {
  const admission = of.admit(address);
  if (!admission.admitted) return admission.reason;
  admission.release();
  return "in";
}

Deno.test("what is denied stays out, and what is not allowed", () => {
  const some = limits([
    "--allow-ip",
    "10.0.0.0/8",
    "--allow-ip",
    "::1",
    "--deny-ip",
    "10.1.0.0/16",
  ]);
  const verdicts = ["10.2.3.4", "::ffff:10.2.3.4", "::1", "10.1.2.3", "::ffff:10.1.2.3", "1.2.3.4"];
  assert.deepEqual(verdicts.map((address) => verdict(some, address)), [
    "in",
    "in",
    "in",
    "address",
    "address",
    "address",
  ]);
  assert.equal(verdict(limits([]), "203.0.113.9"), "in");
  assert.equal(verdict(limits(["--deny-ip", "fe80::/10"]), "fe80::1%eth0"), "address");
});

Deno.test("connections are counted over all workers, each place given back once", () => {
  const counter = connectionCounter();
  const one = limits(["--max-connections", "2"], counter);
  const other = limits(["--max-connections", "2"], counter);
  const first = one.admit("::1");
  const second = other.admit("::1");
  assert.ok(first.admitted && second.admitted);
  assert.equal(verdict(one, "::1"), "full");
  first.release();
  first.release();
  assert.equal(verdict(other, "::1"), "in");
  assert.ok(one.admit("::1").admitted);
  assert.equal(verdict(other, "::1"), "full");
});
