// How long single requests take, and how much memory many uploads at once need.

import { Client, uploadFrom, type UploadSource } from "../../client/lib/mod.ts";
import type { RunningServer } from "../../demo/programs.ts";
import { lookAtTree, resetPeak } from "../measuring/proc.ts";
import { PASSWORD } from "./places.ts";

/** Requests that are measured. */
export const REQUESTS = ["STAT", "LIST page", "login"] as const;
/** Latencies of each request, ms. */
export type Latencies = Record<(typeof REQUESTS)[number], number[]>;

/** Requests of each kind in a turn. */
const TURN = 20;

/** A server that requests are measured at. */
export interface Probe {
  /** Measures each request some times. */
  turn(into: Latencies): Promise<void>;
  close(): Promise<void>;
}

/**
 * Connects, and makes a directory to look at.
 *
 * @param entries number of its files
 */
export async function probe(server: RunningServer, entries: number): Promise<Probe> {
  const options = { server: `127.0.0.1:${server.port}`, caFile: server.ca };
  const client = await Client.connect({
    ...options,
    credentials: { username: "admin", password: PASSWORD },
  });
  const { token } = await client.request("TOKEN", { label: "bench" }, "Cannot make a token");
  await client.request("MKD", { path: "/probe" }, "Cannot make a directory");
  const names = Array.from(
    Array(entries).keys(),
    (index) => `/probe/file-${String(index).padStart(5, "0")}`,
  );
  await Promise.all(names.map((name) => uploadFrom(client, zeros(10), name)));
  const stat = () => client.request("STAT", { filename: "/probe/file-00000" }, "Cannot look");
  const list = () => client.request("LIST", { path: "/probe" }, "Cannot list");
  const login = async () => {
    const other = await Client.connect({ ...options, credentials: { token: String(token) } });
    await other.close();
  };
  const requests = { "STAT": stat, "LIST page": list, "login": login };
  return {
    async turn(into) {
      for (const name of REQUESTS) {
        for (let tries = 0; tries < TURN; tries++) {
          const started = performance.now();
          await requests[name]();
          into[name].push(performance.now() - started);
        }
      }
    },
    close: () => client.close(),
  };
}

/** Runs uploads at once, each on its own connection. @returns peak memory of the server, bytes */
export async function uploadsAtOnce(
  server: RunningServer,
  count: number,
  bytes: number,
): Promise<{ peakBytes: number; seconds: number }> {
  const options = { server: `127.0.0.1:${server.port}`, caFile: server.ca };
  const first = await Client.connect({
    ...options,
    credentials: { username: "admin", password: PASSWORD },
  });
  const { token } = await first.request("TOKEN", { label: "bench" }, "Cannot make a token");
  const clients = [first];
  while (clients.length < count) {
    clients.push(await Client.connect({ ...options, credentials: { token: String(token) } }));
  }
  await resetPeak(server.pid);
  const started = performance.now();
  await Promise.all(
    clients.map((client, index) => uploadFrom(client, zeros(bytes), `/many-${index}`)),
  );
  const seconds = (performance.now() - started) / 1000;
  const { peakBytes } = await lookAtTree(server.pid);
  for (const client of clients) await client.close();
  return { peakBytes, seconds };
}

/** Content of zeros, from memory. */
function zeros(size: number): UploadSource {
  let offset = 0;
  return {
    path: undefined,
    title: "zeros",
    size,
    mtime: undefined,
    mode: undefined,
    read(into) {
      const count = Math.min(into.length, size - offset);
      into.fill(0, 0, count);
      offset += count;
      return count;
    },
    seek: (to) => void (offset = to),
    needUnchanged() {},
    close() {},
  };
}
