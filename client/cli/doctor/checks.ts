/** The checks of `doctor`, in the order in which things go wrong. */
import { formatTime } from "../../../common/time.ts";
import { isIP } from "node:net";
import { statfs } from "node:fs/promises";
import type { Client } from "../../lib/connection/client.ts";
import { DEFAULT_TIMEOUT_MS } from "../../lib/connection/client.ts";
import type { Context } from "../options/command.ts";
import { fetchAuthority, fingerprintPairs } from "../../lib/connection/authority.ts";
import { mayRead, needNet } from "../../lib/common/environment.ts";
import { ClientError, ExitCode, localError } from "../../lib/common/error.ts";
import { localPath, userDirectory } from "../../lib/local/local_path.ts";
import { connectTls, trustedAuthorities } from "../../lib/connection/tls.ts";
import { quoted } from "../../../common/printable.ts";
import { formatSize } from "../../../common/size.ts";

/** Result of a check. */
export interface Finding {
  result: "fine" | "unknown" | "failed";
  /** One sentence: the result, or advice. */
  message: string;
  exitCode?: number;
}

/** One run of the checks, with the state that later checks need. */
export class Examination {
  client: Client | undefined;
  readonly timeoutMs: number;

  constructor(readonly context: Context) {
    this.timeoutMs = context.values.number("timeout") ?? DEFAULT_TIMEOUT_MS;
  }
}

const fine = (message: string): Finding => ({ result: "fine", message });
const unknown = (message: string): Finding => ({ result: "unknown", message });

/** Runs a check; an error becomes its finding. */
async function attempt(work: () => Promise<Finding>): Promise<Finding> {
  try {
    return await work();
  } catch (error) {
    const { message, exitCode } = localError(error, "Cannot check it");
    return { result: "failed", message, exitCode };
  }
}

async function resolveName({ context }: Examination): Promise<Finding> {
  const { hostname, local } = context.endpoint;
  if (isIP(hostname) !== 0) return fine(`${hostname} is an address and needs no look-up.`);
  if (local) return fine(`${hostname} is this machine.`);
  needNet(context.endpoint.name);
  const found = await Promise.allSettled([
    Deno.resolveDns(hostname, "A"),
    Deno.resolveDns(hostname, "AAAA"),
  ]);
  const addresses = found.flatMap((one) => one.status === "fulfilled" ? one.value : []);
  if (addresses.length > 0) return fine(`${hostname} is ${addresses.join(", ")}.`);
  // It may be in the system's hosts file, or look-ups may be forbidden: the check of the port
  // decides.
  return unknown(
    `No address of ${hostname} was found by DNS; check its spelling if the port fails.`,
  );
}

async function openPort({ context, timeoutMs }: Examination): Promise<Finding> {
  const { hostname, port, name } = context.endpoint;
  needNet(name);
  const began = performance.now();
  try {
    const signal = AbortSignal.timeout(timeoutMs);
    const connection = await Deno.connect({ hostname, port, signal });
    connection.close();
  } catch (error) {
    const why = error instanceof Deno.errors.ConnectionRefused
      ? "nothing listens there. Start the server, or check the port"
      : "nothing answers. Check host, port and firewall";
    throw new ClientError(`Cannot connect to ${name}: ${why}.`, { exitCode: ExitCode.connection });
  }
  return fine(`${name} answers in ${Math.ceil(performance.now() - began)} ms.`);
}

async function certificate({ context, timeoutMs }: Examination): Promise<Finding> {
  try {
    const { fingerprint } = await fetchAuthority(context.endpoint, timeoutMs);
    const pairs = fingerprintPairs(fingerprint);
    return fine(`The server sends the authority with the fingerprint ${pairs}.`);
  } catch (error) {
    const { message } = localError(error, "Cannot read the certificate");
    return unknown(`${message}.`);
  }
}

async function trusted({ context, timeoutMs }: Examination): Promise<Finding> {
  const ca = context.values.text("ca");
  const authorities = trustedAuthorities(
    context.endpoint,
    ca === undefined ? undefined : localPath(ca),
    context.config,
  );
  (await connectTls(context.endpoint, authorities, timeoutMs)).close();
  return fine("The certificate is trusted, and of the right name.");
}

/**
 * The protocol has no time, but a certificate that is valid now shows that the clock is about
 * right.
 */
function clock(): Promise<Finding> {
  const time = formatTime(Date.now(), "minutes");
  return Promise.resolve(
    fine(`This clock says ${time} UTC, within the time for which the certificate was made.`),
  );
}

async function login(examination: Examination): Promise<Finding> {
  const client = examination.client = await examination.context.client();
  const { username, role } = client.identity;
  return fine(`Logged in as ${username} (${role}).`);
}

function rights({ client }: Examination): Promise<Finding> {
  const { permissions } = client!.identity;
  const words: Record<string, string> = {
    r: "read",
    w: "write",
    c: "make directories",
    d: "delete",
    t: "administer",
  };
  const may = [...permissions].map((letter) => words[letter] ?? letter);
  if (may.length > 0) return Promise.resolve(fine(`The account may ${may.join(", ")}.`));
  return Promise.resolve(
    unknown("The account may do nothing: ask the administrator for permissions."),
  );
}

/** Checks with `WHY` whether the quota denies an upload. */
async function quota({ client }: Examination): Promise<Finding> {
  const reply = await client!.ask("WHY", { path: "/new file" });
  const letters = (Array.isArray(reply.data.letters) ? reply.data.letters : []) as {
    letter?: unknown;
    rule?: unknown;
  }[];
  const rules = letters.map(({ rule }) => String(rule ?? "")).filter((rule) => /quota/i.test(rule));
  if (rules.length === 0) return fine("No quota prevents uploads.");
  return unknown(`${rules[0]}.`.replace(/\.\.$/, "."));
}

async function space(): Promise<Finding> {
  const path = userDirectory();
  if (!mayRead(path)) return unknown(`Deno may not read ${quoted(path)}.`);
  // Asking without it would have Deno ask on the terminal.
  const { state } = Deno.permissions.querySync({ name: "sys", kind: "statfs" });
  if (state !== "granted") {
    return unknown("The free space can be read only with --allow-sys=statfs.");
  }
  try {
    const { bavail, bsize } = await statfs(path);
    const free = formatSize(Number(bavail) * Number(bsize));
    return fine(`${free} are free in ${quoted(path)}.`);
  } catch {
    return unknown(`The system does not report the free space of ${quoted(path)}.`);
  }
}

/** The checks; each may rely on those before it. */
export const CHECKS: readonly {
  check: string;
  examine(examination: Examination): Promise<Finding>;
}[] = [
  { check: "name", examine: (examination) => attempt(() => resolveName(examination)) },
  { check: "port", examine: (examination) => attempt(() => openPort(examination)) },
  { check: "certificate", examine: (examination) => attempt(() => certificate(examination)) },
  { check: "trust", examine: (examination) => attempt(() => trusted(examination)) },
  { check: "clock", examine: () => attempt(clock) },
  { check: "login", examine: (examination) => attempt(() => login(examination)) },
  { check: "rights", examine: (examination) => attempt(() => rights(examination)) },
  { check: "quota", examine: (examination) => attempt(() => quota(examination)) },
  { check: "space", examine: () => attempt(space) },
];
