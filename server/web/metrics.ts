/** `/healthz` for who keeps the server running, `/metrics` for who watches it (Prometheus text). */
import type { SpaceState } from "../../storage/vault.ts";
import type { Trouble } from "../door/door.ts";
import { allTroubles } from "../door/troubles.ts";
import { authenticate } from "./session/credentials.ts";
import type { Register, WebContext } from "./request/env.ts";

/** Description of each series, in the order of the output. */
export const SERIES: readonly [
  name: string,
  type: "counter" | "gauge" | "histogram",
  help: string,
][] = [
  ["towpath_sessions", "gauge", "Sessions in use, by door."],
  ["towpath_transfers", "gauge", "Transfers that run, by direction."],
  ["towpath_transfer_bytes_total", "counter", "Bytes of transfers that ended."],
  ["towpath_transfer_seconds", "histogram", "How long transfers took."],
  ["towpath_actions_total", "counter", "Events of the audit log, by result."],
  ["towpath_unfinished_uploads", "gauge", "Uploads that can be resumed."],
  ["towpath_unfinished_bytes", "gauge", "Bytes that are safe of them."],
  ["towpath_accounts", "gauge", "Accounts."],
  ["towpath_catalog_bytes", "gauge", "Size of the catalog."],
  ["towpath_disk_free_bytes", "gauge", "Free space on the disk of the data directory."],
  ["towpath_disk_total_bytes", "gauge", "Size of that disk."],
  ["towpath_disk_min_free_bytes", "gauge", "Space that uploads leave free (--min-free)."],
  ["towpath_disk_low", "gauge", "1 where less is free, and uploads are refused."],
  ["towpath_trouble", "gauge", "1 for each part of the server that does not work."],
  ["towpath_certificate_end_seconds", "gauge", "When the certificate ends, seconds of Unix time."],
  ["towpath_hashing", "gauge", "Passwords that are hashed, or wait for it."],
  ["towpath_http_connections", "gauge", "Open connections of the web door."],
  ["towpath_http_requests_total", "counter", "Requests to the web door, by status."],
  ["towpath_http_request_seconds", "histogram", "Time until a response began."],
];

const DRAINING = "the server is about to stop: send new clients elsewhere";

const FORMAT = "text/plain; version=0.0.4; charset=utf-8";

/** Registers the routes of health checks and metrics. */
export const registerMetrics: Register = (app, services) => {
  const { vault, isDraining = () => false } = services;

  app.get("/healthz", async (c) => {
    const troubles = await allTroubles(services);
    const state = isDraining()
      ? "draining"
      : troubles.some(({ isFatal }) => isFatal)
      ? "failing"
      : troubles.length > 0
      ? "degraded"
      : "ok";
    const isLast = state === "draining" || state === "failing";
    const lines = [state, ...isDraining() ? [DRAINING] : [], ...troubleLines(troubles, isLocal(c))];
    // A full disk refuses uploads alone: a supervisor that restarts unhealthy servers need not act.
    const disk = diskLine(await vault.space(), isLocal(c));
    return c.text(`${lines.join("\n")}\n${disk}`, isLast ? 503 : 200);
  });

  app.get("/metrics", async (c) => {
    if (!isLocal(c)) {
      const { view } = await authenticate(services, c);
      await view.permissions.require("t");
    }
    const counts: Record<string, number> = { ...await vault.figures() };
    const endMs = services.certificateEndMs?.();
    if (endMs !== undefined) counts.towpath_certificate_end_seconds = Math.round(endMs / 1000);
    for (const { part } of await allTroubles(services)) {
      counts[`towpath_trouble{part="${part}"}`] = 1;
    }
    return c.text(exposition(counts), 200, { "content-type": FORMAT });
  });
};

/**
 * A line for each trouble. Strangers learn which part is in trouble, and whether it ends the service;
 * this machine also why.
 */
function troubleLines(troubles: readonly Trouble[], withReasons: boolean): string[] {
  return troubles.map(({ part, reason, isFatal = false }) => {
    if (withReasons) return `${part}: ${reason}`;
    return isFatal ? `${part}: it does not answer` : part;
  });
}

/** How the disk is doing. Strangers learn no more than whether uploads are taken. */
function diskLine(disk: SpaceState | undefined, withFigures: boolean): string {
  if (disk === undefined) return "";
  if (!withFigures) return `disk ${disk.state}\n`;
  const { state, freeBytes, totalBytes, minFreeBytes } = disk;
  return `disk ${state} free=${freeBytes} total=${totalBytes} min-free=${minFreeBytes}\n`;
}

/** Whether a request was made on this machine: not handed on by a proxy, and without credentials. */
function isLocal(c: WebContext): boolean {
  const handedOn = ["authorization", "forwarded", "via", "x-forwarded-for", "x-real-ip"];
  if (handedOn.some((name) => c.req.header(name) !== undefined)) return false;
  return c.env.address === "::1" || /^(::ffff:)?127\./i.test(c.env.address);
}

/** The text that Prometheus reads. */
export function exposition(counts: Readonly<Record<string, number>>): string {
  const keys = Object.keys(counts).sort();
  const lines: string[] = [];
  for (const [name, type, help] of SERIES) {
    const own = new RegExp(
      type === "histogram" ? `^${name}_(bucket|sum|count)\\b` : `^${name}(\\{|$)`,
    );
    const found = keys.filter((key) => own.test(key));
    if (found.length === 0) continue;
    lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`);
    for (const key of found) lines.push(`${key} ${counts[key]}`);
  }
  return `${lines.join("\n")}\n`;
}
