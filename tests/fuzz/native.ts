/** Frames and JSON of the native protocol: random requests, changed bytes, DATA out of place. */
import { REQUESTS, STATUSES } from "../../protocol/mod.ts";
import { dataFrame, frame, jsonFrame } from "../support/raw_client.ts";
import { mutateBytes, randomJson, randomName, randomNumber } from "./random.ts";
import type { Random } from "../../soak/common/random.ts";
import { Wire } from "./wire.ts";
import { type Case, Fault, type World } from "./world.ts";

/** Commands that end the session or its token, and passwords, which cost a third of a second. */
const LEFT_OUT = new Set(["QUIT", "AUTH", "USER", "PASS", "REG", "PASSWD", "REVOKE"]);
const COMMANDS = Object.keys(REQUESTS).filter((command) => !LEFT_OUT.has(command));
const MAX_FRAME_BYTES = 1024 * 1024;
/** How long an answer is waited for that may never come. */
const SETTLE_MS = 3000;
/** How long one that must come may take on a busy machine. */
const MAX_ANSWER_MS = 20_000;

/** One connection with a few dozen frames. */
export async function fuzzNative(world: World, task: Case, random: Random): Promise<void> {
  using wire = await Wire.connect(world.server.port, world.server.caText);
  if (random.chance(0.9)) {
    await put(task, wire, jsonFrame({ command: "AUTH", data: { token: world.token } }));
  }
  /** Whether a frame may wait for bytes that never come. */
  let open = false;
  for (let count = random.below(30) + 1; count > 0 && !wire.ended; count--) {
    let bytes = randomFrame(random);
    if (random.chance(0.1)) {
      bytes = mutateBytes(random, bytes);
      open = true;
    }
    await put(task, wire, bytes);
  }
  const id = `end ${task.number}`;
  await put(task, wire, jsonFrame({ command: "NOOP", id }));
  const answered = await wire.until(() => has(wire.received, id), open ? SETTLE_MS : MAX_ANSWER_MS);
  if (!answered && !wire.ended && !open) {
    throw new Fault("Well-formed frames were not all answered");
  }
  checkFrames(world, wire.received);
}

async function put(task: Case, wire: Wire, bytes: Uint8Array): Promise<void> {
  task.note(bytes);
  await wire.send(bytes);
}

function randomFrame(random: Random): Uint8Array {
  const kind = random.below(12);
  if (kind === 0) return frame(random.below(4), random.bytes(random.below(64)));
  if (kind === 1) return dataFrame(random.bytes(random.below(3000)));
  if (kind === 2) return jsonFrame(randomJson(random));
  if (kind === 3) {
    const text = JSON.stringify({ command: random.pick(COMMANDS), data: randomJson(random) });
    return frame(0, mutateBytes(random, new TextEncoder().encode(text)));
  }
  const command = random.pick(COMMANDS);
  return jsonFrame({
    command,
    data: randomData(random, command),
    id: randomId(random),
  });
}

function randomId(random: Random): unknown {
  return random.chance(0.8) ? random.below(1000) : randomJson(random, 1);
}

/** Data of a request: members that its schema knows, most of them of the right type. */
function randomData(random: Random, command: string): Record<string, unknown> {
  const { entries } = REQUESTS[command as keyof typeof REQUESTS];
  const data: Record<string, unknown> = {};
  for (const name of Object.keys(entries)) {
    if (random.chance(0.25)) continue;
    if (random.chance(0.1)) data[name] = randomJson(random, 2);
    else if (/size|offset|length|limit|bytes|mtime|expires|lines|ttl/.test(name)) {
      data[name] = random.chance(0.5) ? random.below(5000) : randomNumber(random);
    } else if (/recursive|overwrite|make_dirs|pipelined|discard|keep/.test(name)) {
      data[name] = random.chance(0.5);
    } else {data[name] = random.chance(0.4)
        ? random.pick(["/", "a", "b/c", "d"])
        : randomName(random);}
  }
  return data;
}

/** Whether a text came; frames are searched as they are. */
function has(received: Uint8Array, text: string): boolean {
  return new TextDecoder("latin1").decode(received).includes(JSON.stringify(text));
}

/** All that came is whole frames with replies of the protocol. */
function checkFrames(world: World, bytes: Uint8Array): void {
  for (let at = 0; at + 8 <= bytes.length;) {
    const view = new DataView(bytes.buffer, bytes.byteOffset + at, 8);
    const kind = view.getUint8(0);
    const length = Number(view.getBigUint64(0) & 0xff_ffff_ffff_ffffn);
    if (kind > 1 || length > MAX_FRAME_BYTES) throw new Fault(`A frame of kind ${kind}, ${length}`);
    const payload = bytes.subarray(at + 8, at + 8 + length);
    at += 8 + length;
    if (kind === 1 || payload.length < length) continue;
    const text = new TextDecoder("utf-8", { fatal: true }).decode(payload);
    world.clean(text);
    const { status, code, data } = JSON.parse(text);
    if (!Object.hasOwn(STATUSES, status) || !Number.isInteger(code) || typeof data !== "object") {
      throw new Fault(`A reply is malformed: ${text}`);
    }
    if (status === "ERROR") throw new Fault(`A request failed inside: ${text}`);
    if (status !== "OK" && typeof data.message !== "string") {
      throw new Fault(`A refusal says nothing to people: ${text}`);
    }
  }
}
