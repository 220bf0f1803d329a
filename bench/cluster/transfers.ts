// Large files, small files, and several nodes, moved by the client's own command lines.

import { clientCommand, jsonLines, runClient, type RunningServer } from "../../demo/programs.ts";
import { type Material, verifyLarge, verifyTree } from "../measuring/material.ts";
import { measure, type Measurement } from "../measuring/measure.ts";
import { PASSWORD, type Places, plainCommand } from "./places.ts";

const TIMEOUT_MS = 300_000;

/** Keeps a login for a server, so that a command need not hash a password. */
export async function logIn(server: RunningServer, configDir: string): Promise<void> {
  const { code, stderr } = await runClient(
    clientCommand(server, PASSWORD, configDir, ["login"]),
    TIMEOUT_MS,
  );
  if (code !== 0) throw new Error(`Cannot log in: ${stderr}`);
}

/** Client commands of one server, measured. */
export class Transfers {
  #names = 0;

  constructor(
    readonly server: RunningServer,
    private readonly configDir: string,
    private readonly material: Material,
  ) {}

  /** Uploads the large file. @returns also the name that it has at the server */
  async upload(): Promise<Measurement & { name: string }> {
    const name = `/large-${this.#names++}`;
    return { name, ...await this.#run(["upload", this.material.large.path, "--to", name]) };
  }

  /** Downloads a large file, and compares it. */
  download(name: string, to: string): Promise<Measurement> {
    const verify = async () => {
      verifyLarge(this.material, to);
      await Deno.remove(to);
    };
    return this.#run(["download", name, "--to", to], verify);
  }

  async uploadTree(): Promise<Measurement & { name: string }> {
    const name = `/tree-${this.#names++}`;
    return { name, ...await this.#run(["upload", "-r", this.material.tree.path, "--to", name]) };
  }

  downloadTree(name: string, to: string): Promise<Measurement> {
    const verify = async () => {
      verifyTree(this.material, to);
      await Deno.remove(to, { recursive: true });
    };
    return this.#run(["download", "-r", name, "--to", to], verify);
  }

  #run(args: string[], verify: () => Promise<void> = async () => {}): Promise<Measurement> {
    const { command, env } = clientCommand(this.server, undefined, this.configDir, args);
    const transfer = { command: [...command, "--json"], env, verify, ownSeconds };
    return measure(transfer, this.server.pid, TIMEOUT_MS);
  }
}

/** One round with the large file. */
export interface Large {
  /** Seconds of plain requests. */
  direct: { put: number; get: number };
  up: Measurement;
  down: Measurement;
  /** Of a server on its own disk. */
  disk: { up: Measurement; down: Measurement };
}

/** Moves the large file by plain requests, through a node, and through a server on its own disk. */
export async function moveLarge(
  places: Places,
  material: Material,
  node: Transfers,
  single: Transfers,
): Promise<Large> {
  const to = `${places.dir}/copy`;
  const direct = await plain(places, material, to);
  const up = await node.upload();
  const down = await node.download(up.name, to);
  const other = await single.upload();
  const disk = { up: other, down: await single.download(other.name, to) };
  return { direct, up, down, disk };
}

/** Moves the large file to the store and back without Towpath. @returns seconds */
async function plain(
  places: Places,
  material: Material,
  to: string,
): Promise<{ put: number; get: number }> {
  const { path, bytes } = material.large;
  const run = async (direction: "put" | "get", file: string) => {
    const transfer = { ...plainCommand(places, direction, file, bytes), ownSeconds, verify() {} };
    return (await measure(transfer, Deno.pid, TIMEOUT_MS)).ownSeconds!;
  };
  const put = await run("put", path);
  const get = await run("get", to);
  verifyLarge(material, to);
  await Deno.remove(to);
  return { put, get };
}

function ownSeconds(stdout: string): number | undefined {
  return jsonLines(stdout).findLast((line) => line.event === "done")?.seconds;
}
