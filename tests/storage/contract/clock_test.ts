import { assert, assertEquals, assertMatch, assertStrictEquals } from "@std/assert";
import { Clock, MAX_JUMP_MS, WAIT_MS } from "../../../storage/contract/clock.ts";
import { noteClock, resumeClock } from "../../../storage/common/clock_marks.ts";
import { MemoryCatalog } from "../../support/simulated/memory_catalog.ts";

const HOUR_MS = 3600_000;
const DAY_MS = 24 * HOUR_MS;
const BEGIN_MS = Date.UTC(2026, 0, 1);

/** A clock over a machine whose clock is set, and that runs and is off. */
class Machine {
  machineMs = BEGIN_MS;
  runMs = 0;
  clock = this.#boot();

  #boot(): Clock {
    return new Clock(() => this.machineMs, () => this.runMs);
  }

  /** The server looks at its clock now and then. */
  run(ms: number): void {
    this.clock.trouble();
    for (let leftMs = ms; leftMs > 0; leftMs -= HOUR_MS) {
      this.machineMs += HOUR_MS;
      this.runMs += HOUR_MS;
      this.clock.trouble();
    }
  }

  /** Off for a while, or off while the clock is set. */
  restart(offMs: number): void {
    const { state } = this.clock;
    this.machineMs += offMs;
    this.runMs = 0;
    this.clock = this.#boot();
    this.clock.resume(state);
  }
}

Deno.test("a clock that runs as it should is followed, over restarts too", () => {
  const machine = new Machine();
  for (let hour = 0; hour < 100; hour++) {
    machine.run(HOUR_MS);
    if (hour % 10 === 0) machine.restart(5 * HOUR_MS);
    const { clock, machineMs } = machine;
    assertStrictEquals(clock.now(), machineMs);
    assertStrictEquals(clock.earliest(), machineMs);
    assertStrictEquals(clock.removal(), machineMs);
    assertEquals(clock.trouble(), undefined);
  }
});

for (const way of ["at a start", "while it runs"] as const) {
  Deno.test(`a clock set a year ahead ${way} removes nothing, and ends nothing for good`, () => {
    const machine = new Machine();
    machine.run(HOUR_MS);
    const set = (ms: number) => {
      if (way === "at a start") machine.restart(ms);
      else machine.machineMs += ms;
    };
    const beforeMs = machine.machineMs;
    set(365 * DAY_MS);
    machine.run(WAIT_MS - HOUR_MS);
    const { clock } = machine;
    assertEquals(clock.removal(), undefined);
    assertStrictEquals(clock.now(), machine.machineMs); // permissions end while it is so
    assertEquals(clock.earliest(), beforeMs + WAIT_MS - HOUR_MS); // and no ban does
    assertMatch(clock.trouble()!, /365 days later .*check it; nothing is removed .* for 1 h more/);
    set(-365 * DAY_MS);
    assertStrictEquals(machine.clock.removal(), machine.machineMs);
    assertStrictEquals(machine.clock.now(), machine.machineMs);
    assertEquals(machine.clock.trouble(), undefined);
  });

  Deno.test(`a clock set back ${way} prolongs nothing, and removals go on`, () => {
    const machine = new Machine();
    machine.run(HOUR_MS);
    const beforeMs = machine.machineMs;
    if (way === "at a start") machine.restart(-365 * DAY_MS);
    else machine.machineMs -= 365 * DAY_MS;
    machine.run(5 * HOUR_MS);
    const { clock } = machine;
    assertEquals(clock.now(), beforeMs + 5 * HOUR_MS);
    assertEquals(clock.removal(), beforeMs + 5 * HOUR_MS);
    assertStrictEquals(clock.earliest(), machine.machineMs);
    assertMatch(clock.trouble()!, /365 days earlier .*its own time .* for 19 h more/);
    machine.run(WAIT_MS);
    assertStrictEquals(clock.now(), machine.machineMs);
    assertEquals(clock.trouble(), undefined);
  });
}

Deno.test("a machine that was off for a month removes expired records after a day of running", () => {
  const machine = new Machine();
  machine.restart(30 * DAY_MS);
  let hours = 0;
  while (machine.clock.removal() === undefined) {
    assertStrictEquals(machine.clock.now(), machine.machineMs);
    machine.run(HOUR_MS);
    if (++hours % 8 === 0) machine.restart(16 * HOUR_MS); // on for eight hours a day
    assert(hours < 100);
  }
  assertEquals(hours, WAIT_MS / HOUR_MS);
  assertStrictEquals(machine.clock.removal(), machine.machineMs);
});

Deno.test("another jump begins the wait again", () => {
  const machine = new Machine();
  machine.restart(30 * DAY_MS);
  machine.run(WAIT_MS - HOUR_MS);
  machine.restart(365 * DAY_MS);
  machine.run(2 * HOUR_MS);
  assertEquals(machine.clock.removal(), undefined);
  machine.restart(-2 * 365 * DAY_MS);
  machine.run(2 * HOUR_MS);
  assertMatch(machine.clock.trouble()!, /earlier .* 22 h more/);
});

Deno.test("a jump of up to a day is followed", () => {
  const machine = new Machine();
  machine.restart(MAX_JUMP_MS);
  assertStrictEquals(machine.clock.removal(), machine.machineMs);
  machine.restart(MAX_JUMP_MS + 1);
  assertEquals(machine.clock.removal(), undefined);
});

Deno.test("the catalog keeps the clock over restarts", async () => {
  const catalog = new MemoryCatalog();
  let machineMs = BEGIN_MS;
  const boot = () => new Clock(() => machineMs, () => 0);
  const first = boot();
  await resumeClock(catalog, first);
  await noteClock(catalog, first);
  machineMs += 365 * DAY_MS;
  const second = boot();
  await resumeClock(catalog, second);
  assertEquals(second.state, { seenMs: BEGIN_MS, aheadMs: 365 * DAY_MS, waitedMs: 0 });
});
