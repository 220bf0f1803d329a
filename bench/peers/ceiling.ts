// The ceiling: see pump.ts.

import { fromFileUrl } from "@std/path";
import { createHash } from "node:crypto";
import type { Bed, Contender, Entry } from "../measuring/contender.ts";
import type { Transfer } from "../measuring/measure.ts";
import { pumpBlock } from "../measuring/pump.ts";

const PUMP = [
  Deno.execPath(),
  ..."run --quiet --allow-net --allow-read".split(" "),
  fromFileUrl(new URL("../measuring/pump.ts", import.meta.url)),
];

/** The ceiling: TLS and a hash, without protocol or disk. */
export const ceiling: Entry = {
  name: "ceiling",
  about: "bare Deno TLS + SHA-256 at the receiver, one connection, no protocol, no disk",
  programs: [],
  start,
};

async function start(bed: Bed): Promise<Contender> {
  const bytes = bed.material.large.bytes;
  const expected = pumpHash(bytes);
  const [program, ...args] = PUMP;
  const child = new Deno.Command(program!, {
    args: [...args, "listen", String(bytes), bed.tls.cert, bed.tls.key],
    stdin: "null",
    stdout: "piped",
  }).spawn();
  const lines = child.stdout.pipeThrough(new TextDecoderStream() as never);
  const port = (await lines.getReader().read()).value as string | undefined;
  if (port === undefined) throw new Error("the receiving process ended at once");
  const run = (direction: string): Transfer => ({
    command: [...PUMP, direction, String(bytes), port.trim(), bed.tls.ca],
    ownSeconds: (stdout) => JSON.parse(stdout).seconds,
    verify(stdout) {
      if (JSON.parse(stdout).hash !== expected) throw new Error("other bytes arrived");
    },
  });
  return {
    serverPid: child.pid,
    upload: () => run("upload"),
    download: () => run("download"),
    clear: () => Promise.resolve(),
    async stop() {
      child.kill("SIGKILL");
      await child.status;
    },
  };
}

function pumpHash(bytes: number): string {
  const block = pumpBlock();
  const hash = createHash("sha256");
  for (let left = bytes; left > 0; left -= block.length) hash.update(block.subarray(0, left));
  return hash.digest("hex");
}
