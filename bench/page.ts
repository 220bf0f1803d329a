// Measures how soon the page of a very large directory arrives, through the web door.
//
//   deno task bench:page [--entries 100000] [--repeat 5]
//
// Each round has a server of its own: the first request reaches a program that has just started and
// has never read the directory. Times are of whole requests, TLS connection included.

import { delay } from "@std/async";
import { parseArgs } from "node:util";
import { startServer } from "../demo/programs.ts";

const PASSWORD = "bench-password";
/** A directory that was changed more lately than this is not remembered, ms: it may change again. */
const SETTLED_MS = 2500;

/** Times of one round, ms. */
interface Round {
  first: number;
  next: number;
  changed: number;
}

const { entries, repeat } = readOptions();

console.log(`The first page of a directory of ${entries} files, ms`);
console.log("  first request   the next   after a change");
const rounds: Round[] = [];
for (let round = 0; round < repeat; round++) rounds.push(show(await run()));
if (repeat > 1) show(medianOf(rounds), "  median");

async function run(): Promise<Round> {
  const dir = await Deno.makeTempDir({ prefix: "towpath-bench-" });
  try {
    const server = await startServer(`${dir}/data`, PASSWORD, { args: ["--web-port", "0"] });
    try {
      const { web } = JSON.parse(await Deno.readTextFile(`${dir}/data/server.json`));
      const caCerts = [await Deno.readTextFile(server.ca)];
      const files = `${dir}/data/users/a/admin/files/many`;
      return await measure(files, `https://127.0.0.1:${web.port}`, caCerts);
    } finally {
      await server.end("SIGTERM");
    }
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

async function measure(files: string, origin: string, caCerts: string[]): Promise<Round> {
  await fill(files);
  const cookie = await signIn(origin, caCerts);
  const page = () => timeOf(`${origin}/files/many/`, caCerts, cookie);
  const first = await page();
  const next = await page();
  await Deno.writeTextFile(`${files}/one more`, "");
  await delay(SETTLED_MS);
  return { first, next, changed: await page() };
}

async function fill(directory: string): Promise<void> {
  await Deno.mkdir(directory, { recursive: true, mode: 0o700 });
  // 7,919 is prime: the names come in no order.
  for (let i = 0; i < entries; i++) {
    Deno.writeTextFileSync(`${directory}/file number ${(i * 7919) % entries}.txt`, "x");
  }
  await delay(SETTLED_MS);
}

/** @returns the cookie of a session */
async function signIn(origin: string, caCerts: string[]): Promise<string> {
  using client = Deno.createHttpClient({ caCerts });
  const response = await fetch(`${origin}/sign-in`, {
    client,
    method: "POST",
    redirect: "manual",
    headers: { origin, "sec-fetch-site": "same-origin" },
    body: new URLSearchParams({ username: "admin", password: PASSWORD }),
  });
  await response.body?.cancel();
  const cookie = response.headers.get("set-cookie")?.split(";")[0];
  if (cookie === undefined) throw new Error(`Cannot sign in: HTTP ${response.status}`);
  return cookie;
}

async function timeOf(url: string, caCerts: string[], cookie: string): Promise<number> {
  const started = performance.now();
  using client = Deno.createHttpClient({ caCerts });
  const response = await fetch(url, { client, headers: { cookie } });
  const text = await response.text();
  const ms = performance.now() - started;
  if (!response.ok || !text.includes("file number 0.txt")) {
    throw new Error(`${url} shows no files: HTTP ${response.status}`);
  }
  return ms;
}

function medianOf(rounds: Round[]): Round {
  const median = (name: keyof Round) =>
    rounds.map((round) => round[name]).toSorted((a, b) => a - b)[rounds.length >> 1]!;
  return { first: median("first"), next: median("next"), changed: median("changed") };
}

function show(round: Round, name = ""): Round {
  const cell = (ms: number, width: number) => ms.toFixed(0).padStart(width);
  console.log(cell(round.first, 15) + cell(round.next, 11) + cell(round.changed, 17) + name);
  return round;
}

function readOptions(): { entries: number; repeat: number } {
  try {
    const { values } = parseArgs({
      options: { entries: { type: "string" }, repeat: { type: "string" } },
    });
    return {
      entries: countOf("entries", values.entries ?? "100000"),
      repeat: countOf("repeat", values.repeat ?? "5"),
    };
  } catch (error) {
    console.error(`bench:page: ${(error as Error).message}`);
    Deno.exit(1);
  }
}

function countOf(name: string, text: string): number {
  if (!/^[1-9][0-9]{0,6}$/.test(text)) throw new Error(`--${name} takes a number from 1`);
  return Number(text);
}
