/** Common parts of the tests of the native door. */
import { delay } from "@std/async";
import { assert, assertMatch, assertStrictEquals } from "@std/assert";
import { randomFillSync } from "node:crypto";
import { type Reply, type RequestId, type Status, STATUSES } from "../../protocol/mod.ts";
import {
  type InProcess,
  type InProcessOptions,
  openInProcess,
  PASSWORD,
  register,
} from "./in_process.ts";
import { RawClient } from "./raw_client.ts";

export const KIB = 1024;
export const MIB = 1024 * 1024;

/** How long a test waits for a condition before it fails. */
const PATIENCE_MS = 20_000;

/** A server, and a connection to it that is logged in as `alice` (rwcd). */
export interface Bench {
  server: InProcess;
  alice: RawClient;
}

/** A test with a server (without syncs, unless it asks for them) and a connection of its own. */
export function holds(
  name: string,
  run: (bench: Bench) => Promise<void>,
  options: InProcessOptions = {},
): void {
  register(name, async () => {
    await using server = await openInProcess({ durability: "relaxed", ...options });
    using alice = await login(server);
    await run({ server, alice });
  }, options);
}

/** A further connection. */
export function login(server: InProcess, username = "alice"): Promise<RawClient> {
  return RawClient.login(server, username, PASSWORD);
}

/**
 * Asserts what a reply says. Any other status than `OK` must carry a message for people.
 *
 * @param code the status's own by default; with `OK` any
 * @param id the id it must carry; none by default
 * @returns its data
 */
export function is(
  reply: Reply | null,
  status: Status,
  code: number | undefined = status === "OK" ? undefined : STATUSES[status].code,
  id?: RequestId,
): Record<string, unknown> {
  const shown = JSON.stringify(reply);
  assert(reply !== null, "There is no reply");
  assertStrictEquals(reply.status, status, shown);
  if (code !== undefined) assertStrictEquals(reply.code, code, shown);
  assertStrictEquals(reply.id, id, shown);
  if (status !== "OK") assertMatch(String(reply.data.message), /^.{3,}$/s, shown);
  return reply.data;
}

/** Asserts `BAD_REQUEST` whose message names a member. */
export function names(reply: Reply | null, member: string): void {
  assert(String(is(reply, "BAD_REQUEST").message).includes(`"${member}"`), String(reply?.data));
}

export function randomBytes(length: number): Uint8Array<ArrayBuffer> {
  return randomFillSync(new Uint8Array(length));
}

/** Waits until a condition holds; fails where it does not within a bounded time. */
export async function until(
  what: string,
  condition: () => unknown,
  patienceMs = PATIENCE_MS,
): Promise<void> {
  const deadline = performance.now() + patienceMs;
  while (!await condition()) {
    if (performance.now() > deadline) throw new Error(`It did not come to be that ${what}`);
    await delay(10);
  }
}

/** Names in a directory, as NLST tells them. */
export async function namesIn(client: RawClient, path = "/"): Promise<string[]> {
  return is(await client.ask("NLST", { path }), "OK").names as string[];
}

/** The place on disk of a file of alice's. */
export function onDisk(server: InProcess, path: string, account = "alice"): string {
  return `${server.data}/users/${account[0]}/${account}/files/${path}`;
}

/** The part on disk of an unfinished upload of alice's. */
export function partOnDisk(server: InProcess, tempId: unknown): string {
  return `${server.data}/users/a/alice/parts/${tempId}.part`;
}

/** As {@linkcode holds}, for tests about files on the disk. */
export const holdsOnDisk: typeof holds = (name, run, options) =>
  holds(name, run, { ...options, disk: true });
