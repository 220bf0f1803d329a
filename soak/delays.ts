// Measures how long one session's requests delay another's, at 100,000 entries.
//
//   deno run --v8-flags=--single-threaded-gc --allow-all soak/delays.ts [--entries 100000]
//     [--only TEXT,TEXT] [--rounds 3]
//
// A second session sends NOOP after NOOP meanwhile, to a server of one worker. Run by hand: "CPU"
// is the processor time of the server's thread during the longest wait; "wall" is the wait itself.
// Of the rounds of a request that can be repeated, the one with the least CPU time is reported,
// since other programs only ever add to it: a busy machine serves the waiting session late. If the
// bench may (as root), it runs before all other programs for that reason, and its garbage
// collection waits for no thread that does not.
import { delay } from "@std/async";
import { parseArgs } from "node:util";
import { Client, type ClientOptions } from "../client/lib/mod.ts";
import { killPrograms, startServer } from "../demo/programs.ts";
import { fillCatalog, fillDirectory, fillWithDirectories } from "./delays/fill.ts";
import type { Delays, ProberStart } from "./delays/prober.ts";
import { type Kind, KINDS, type Target } from "./delays/requests.ts";

const PASSWORD = "delays-password";
/** A directory changed within this time is read again each time, ms. */
const SETTLED_MS = 2500;

const { values } = parseArgs({
  options: { entries: { type: "string" }, only: { type: "string" }, rounds: { type: "string" } },
});
const entries = Number(values.entries ?? 100_000);
const only = (values.only ?? "").split(",");
const rounds = Number(values.rounds ?? 3);
const amounts = { entries, accounts: 5000, shares: 20_000, uploads: 50_000, auditLines: 200_000 };

let prober: Worker | undefined;
const dir = await Deno.makeTempDir({ prefix: "towpath-delays-" });
try {
  const args = ["--ftp-port", "0", "--web-port", "0"];
  const server = await startServer(`${dir}/data`, PASSWORD, { args });
  const info = JSON.parse(await Deno.readTextFile(`${dir}/data/server.json`));
  const options: ClientOptions = {
    server: `localhost:${server.port}`,
    caFile: server.ca,
    credentials: { username: "admin", password: PASSWORD },
    timeoutMs: 600_000,
  };
  const client = await Client.connect(options);
  console.log(`Filling: ${JSON.stringify(amounts)}`);
  fillDirectory(`${dir}/data`, "many", entries);
  fillWithDirectories(`${dir}/data`, "directories", entries / 5);
  fillCatalog(`${dir}/data`, amounts);
  await delay(SETTLED_MS);
  const web = `localhost:${info.web.port}`;
  const browser = await signIn(`https://${web}`, server.ca);
  const target: Target = {
    client,
    ca: server.ca,
    password: PASSWORD,
    ftp: `localhost:${info.ftp.port}`,
    web,
    ...browser,
  };
  prober = await startProber({ options, pid: server.pid });
  console.log("request".padEnd(36) + "CPU ms".padEnd(18) + "wall ms  all CPU ms  took ms  RSS MiB");
  for (const kind of KINDS) {
    if (!only.some((text) => kind.name.includes(text))) continue;
    const found: Round[] = [];
    while (found.length < (kind.once ? 1 : rounds)) found.push(await measure(kind, target));
    const cpu = found.map(({ cpuMs }) => cpuMs.toFixed(0).padStart(4)).join("");
    const least = found.reduce((one, other) => one.cpuMs <= other.cpuMs ? one : other);
    const cells = [[least.wallMs, 7], [least.totalCpuMs, 12], [least.tookMs, 9]] as const;
    const figures = cells.map(([value, width]) => value.toFixed(0).padStart(width)).join("");
    const failure = found.find(({ failure }) => failure !== "")?.failure ?? "";
    console.log(
      kind.name.padEnd(35) + cpu.padEnd(19) + figures + residentMiB(server.pid).padStart(9) +
        `  ${failure}`,
    );
  }
  prober.terminate();
  await server.end("SIGTERM");
} finally {
  await killPrograms();
  await Deno.remove(dir, { recursive: true });
}
Deno.exit(0);

/** Measurements of one round of a request. */
interface Round extends Delays {
  tookMs: number;
  failure: string;
}

async function measure({ run, restore }: Kind, target: Target): Promise<Round> {
  prober!.postMessage("begin");
  const startMs = performance.now();
  const failure = await Promise.resolve(run(target)).then(() => "", (error) => String(error));
  const tookMs = performance.now() - startMs;
  prober!.postMessage("end");
  const delays = await answerOf<Delays>(prober!);
  await restore?.(target);
  return { ...delays, tookMs, failure };
}

async function startProber(start: ProberStart): Promise<Worker> {
  const prober = new Worker(new URL("./delays/prober.ts", import.meta.url), { type: "module" });
  prober.postMessage(start);
  await answerOf(prober);
  return prober;
}

function answerOf<T>(prober: Worker): Promise<T> {
  return new Promise((resolve, reject) => {
    prober.onmessage = ({ data }) => resolve(data);
    prober.onerror = (event) => reject(new Error(event.message));
  });
}

/** Signs a browser in, and makes a public link. */
async function signIn(
  origin: string,
  ca: string,
): Promise<{ cookie: string; csrf: string; link: string }> {
  using client = Deno.createHttpClient({ caCerts: [await Deno.readTextFile(ca)] });
  const post = (path: string, form: Record<string, string>, cookie = "") =>
    fetch(origin + path, {
      client,
      method: "POST",
      redirect: "manual",
      headers: { origin, "sec-fetch-site": "same-origin", cookie },
      body: new URLSearchParams(form),
    });
  const signedIn = await post("/sign-in", { username: "admin", password: PASSWORD });
  await signedIn.body?.cancel();
  const cookie = signedIn.headers.get("set-cookie")?.split(";")[0];
  if (cookie === undefined) throw new Error(`Cannot sign in: HTTP ${signedIn.status}`);
  const account = await fetch(`${origin}/account`, { client, headers: { cookie } });
  const csrf = /name="csrf"[^>]*value="([^"]+)"/.exec(await account.text())?.[1] ?? "";
  const form = { path: "/many", password: "", most: "", label: "", term: "", csrf };
  const made = await post("/actions/link", form, cookie);
  const link = /\/s\/[\w-]+/.exec(await made.text())?.[0];
  if (link === undefined) throw new Error(`Cannot make a link: HTTP ${made.status}`);
  return { cookie, csrf, link };
}

function residentMiB(pid: number): string {
  const status = Deno.readTextFileSync(`/proc/${pid}/status`);
  return (Number(/VmRSS:\s+(\d+)/.exec(status)![1]) / 1024).toFixed(0);
}
