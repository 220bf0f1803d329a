/** The requests whose cost to others is measured, by name. */
import type { Client } from "../../client/lib/mod.ts";
import { programEnvironment } from "../../demo/programs.ts";

/** Target of the requests. */
export interface Target {
  client: Client;
  ca: string;
  password: string;
  /** `HOST:PORT` of the doors. */
  ftp: string;
  web: string;
  /** A browser's session. */
  cookie: string;
  /** Its token against requests of other sites. */
  csrf: string;
  /** Path of a public link to the large directory. */
  link: string;
}

/** Some request, or all pages of one. */
export interface Kind {
  readonly name: string;
  run(target: Target): Promise<unknown>;
  /** Undoes it, so that it can be repeated. */
  restore?(target: Target): Promise<unknown>;
  /** Whether it cannot be repeated. */
  readonly once?: boolean;
}

/** Bytes of one JSON frame that has as many values as may be, and beyond. */
const JSON_TEXT = {
  "short values": `[${"1,".repeat(32_000)}1]`,
  "numbers": `[${"1.7976931348623157e308,".repeat(32_000)}1]`,
  "objects": `[${"{},".repeat(16_000)}{}]`,
  "keys": `{${Array.from({ length: 16_000 }, (_, i) => `"${i * 7919} key":{}`).join()}}`,
};

async function pages(client: Client, command: string, data: Record<string, unknown>) {
  let cursor: unknown;
  do {
    const more = cursor === undefined ? {} : { cursor };
    ({ cursor } = await client.request(command, { ...data, ...more }, command));
  } while (cursor !== undefined);
}

function native(name: string, command: string, data: Record<string, unknown> = {}): Kind {
  return { name, run: ({ client }) => pages(client, command, data) };
}

/** A request that may fail: what counts is what it cost. */
function refused(name: string, command: string, data: Record<string, unknown>): Kind {
  return { name, run: ({ client }) => client.ask(command, data) };
}

async function curl(args: string[]): Promise<void> {
  const { code, stderr } = await new Deno.Command("curl", {
    args: ["--silent", "--show-error", "--max-time", "600", "--output", "/dev/null", ...args],
    env: programEnvironment({}),
    clearEnv: true,
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).output();
  if (code !== 0) throw new Error(`curl ${args.at(-1)}: ${new TextDecoder().decode(stderr)}`);
}

function ftp(name: string, path: string, ...args: string[]): Kind {
  return {
    name,
    run: ({ ca, password, ftp }) => {
      const login = ["--ssl-reqd", "--cacert", ca, "--user", `admin:${password}`];
      return curl([...login, ...args, `ftp://${ftp}${path}`]);
    },
  };
}

function web(name: string, path: string | ((target: Target) => string)): Kind {
  return {
    name,
    run: (target) => {
      const { ca, web, cookie, csrf } = target;
      const at = typeof path === "string" ? path : path(target);
      const headers = [`Cookie: ${cookie}`, `X-CSRF-Token: ${csrf}`];
      const given = headers.flatMap((header) => ["--header", header]);
      return curl(["--fail", "--cacert", ca, ...given, `https://${web}${at}`]);
    },
  };
}

/** Requests of one session that are all sent before the first is answered: fewer than are read ahead. */
function atOnce(name: string, count: number, command: string, data: Record<string, unknown>): Kind {
  return {
    name,
    run: ({ client }) =>
      Promise.all(Array.from({ length: count }, () => client.ask(command, data))),
  };
}

/**
 * A request of each of many sessions, all at once. The first round logs them in, so that it shows what
 * logins cost.
 */
function sessions(
  name: string,
  count: number,
  command: string,
  data: Record<string, unknown>,
): Kind {
  return {
    name,
    async run({ client }) {
      const all = await Promise.all(Array.from({ length: count }, () => client.acquire()));
      await Promise.all(all.map((connection) => connection.request(command, data)));
      for (const connection of all) client.release(connection);
    },
  };
}

/** Lines, or requests, that are sent over one connection at once; the last one ends it. */
function flood(name: string, connect: (target: Target) => Promise<Deno.Conn>, text: string): Kind {
  return {
    name,
    async run(target) {
      using connection = await connect(target);
      const bytes = new TextEncoder().encode(text);
      const sent = (async () => {
        for (let at = 0; at < bytes.length;) at += await connection.write(bytes.subarray(at));
      })();
      for (const buffer = new Uint8Array(64 * 1024); await connection.read(buffer) !== null;);
      await sent;
    },
  };
}

function overTls({ ca, web }: Target): Promise<Deno.Conn> {
  const port = Number(web.split(":")[1]);
  return Deno.connectTls({ hostname: "localhost", port, caCerts: [Deno.readTextFileSync(ca)] });
}

function inPlain({ ftp }: Target): Promise<Deno.Conn> {
  return Deno.connect({ hostname: "localhost", port: Number(ftp.split(":")[1]) });
}

/** A form of anyone's, with the shortest fields that there are. */
const form: Kind = {
  name: "form of 60,000 fields",
  run: ({ ca, web }) =>
    curl(["--cacert", ca, "--data-binary", "a&".repeat(60_000), `https://${web}/sign-in`]),
};

/** The deepest path that there may be. */
const DEEP = "/d".repeat(256);

const deep: Kind = {
  name: "MKD of 256 directories",
  run: ({ client }) => client.request("MKD", { path: DEEP, make_dirs: true }, "MKD"),
  restore: ({ client }) => client.request("RMD", { path: "/d", recursive: true }, "RMD"),
};

const HEALTH = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n";

/** Every kind, in the order in which they run: the last ones change and remove the directories. */
export const KINDS: readonly Kind[] = [
  { name: "nothing", run: () => new Promise((resolve) => setTimeout(resolve, 2000)) },
  native("LIST", "LIST", { path: "/many", limit: 10_000 }),
  native("LIST recursive", "LIST", { path: "/many", limit: 10_000, recursive: true }),
  native("NLST", "NLST", { path: "/many", limit: 10_000 }),
  native("VERSIONS", "VERSIONS", { filename: "/many/file number 7919 of many.txt" }),
  refused("STAT of a missing name", "STAT", { filename: "/many/missing" }),
  refused("STAT of a missing %~ name", "STAT", { filename: "/many/missing%~1234567890ab" }),
  refused("STAT below a missing %~ name", "STAT", { filename: "/many/missing%~1234567890ab/x" }),
  refused("RMD of a full directory", "RMD", { path: "/many" }),
  native("VERIFY", "VERIFY", { path: "/many" }),
  ftp("FTP LIST", "/many/"),
  ftp("FTP NLST", "/many/", "--list-only"),
  ftp("FTP MLSD", "/many/", "--request", "MLSD"),
  ftp("FTP NLST pattern", "/many/", "--request", "NLST *99*"),
  ftp("FTP LIST of unfinished uploads", "/"),
  ftp("FTP STAT", "/", "--quote", "STAT /many"),
  atOnce("200 STATs at once", 200, "STAT", { filename: "/many" }),
  atOnce("200 LISTs at once", 200, "LIST", { path: "/many", limit: 100 }),
  sessions("200 sessions, a LIST each", 200, "LIST", { path: "/many", limit: 100 }),
  sessions("200 sessions, a STAT each", 200, "STAT", { filename: "/many" }),
  flood("5,000 FTP lines at once", inPlain, "NOOP\r\n".repeat(5000) + "QUIT\r\n"),
  flood(
    "1,000 HTTP requests at once",
    overTls,
    `${HEALTH}\r\n`.repeat(1000) + `${HEALTH}Connection: close\r\n\r\n`,
  ),
  web("page", "/files/many/"),
  web("page by size", "/files/many/?sort=size"),
  web("page by time", "/files/many/?sort=time"),
  web("page filtered", "/files/many/?filter=99"),
  web("page of unfinished uploads", "/files/"),
  web("details", "/details/many/"),
  web("API listing", "/api/v1/files/many/?limit=10000"),
  web("API uploads", "/api/v1/uploads"),
  web("API shares", "/api/v1/shares"),
  web("ZIP", "/zip/many/"),
  web("ZIP of directories", "/zip/directories/"),
  form,
  deep,
  web("link page", ({ link }) => link),
  web("link ZIP", ({ link }) => `${link}/zip/`),
  native("USERS", "USERS"),
  native("PARTS", "PARTS"),
  native("SHBY", "SHBY"),
  native("SHWM", "SHWM"),
  native("TOKENS", "TOKENS"),
  native("WHO", "WHO"),
  native("LOGS", "LOGS", { name: "audit", lines: 200 }),
  native("LOGS that finds nothing", "LOGS", { name: "audit", lines: 200, contains: "nowhere" }),
  native("LOGS of an account", "LOGS", { name: "audit", lines: 200, account: "user77" }),
  web("accounts", "/admin/accounts"),
  web("uploads", "/admin/uploads"),
  web("sessions", "/admin/sessions"),
  web("account", "/account"),
  web("a log of 5,000 lines", "/admin/logs?name=audit&lines=5000"),
  web("logs with a filter", "/admin/logs?name=audit&contains=nowhere"),
  web("shares", "/shares"),
  web("metrics", "/metrics"),
  web("health", "/admin/health"),
  native("LIST /", "LIST", { path: "/" }),
  native("LIST /shared", "LIST", { path: "/shared", limit: 10_000 }),
  native("SHAR", "SHAR", { filename: "/many", username: "*" }),
  native("UNSH", "UNSH", { filename: "/many" }),
  ...Object.entries(JSON_TEXT).map(([name, text]) =>
    refused(`JSON: ${name}`, "NOOP", { x: JSON.parse(text) })
  ),
  {
    ...native("RENAME", "RENAME", { from: "/many", to: "/renamed" }),
    restore: ({ client }) => client.request("RENAME", { from: "/renamed", to: "/many" }, "RENAME"),
  },
  {
    ...native("RENAME of what is shared", "RENAME", { from: "/shared things", to: "/moved" }),
    restore: ({ client }) =>
      client.request("RENAME", { from: "/moved", to: "/shared things" }, "RENAME"),
  },
  {
    ...native("RMD of what is shared", "RMD", { path: "/shared things", recursive: true }),
    once: true,
  },
  { ...native("RMD -r", "RMD", { path: "/many", recursive: true }), once: true },
  { ...native("DELU", "DELU", { username: "user1", keep_files: false }), once: true },
];
