/** State of what several nodes share, as `STATUS` and `admin status --json` have it, and as text. */
import { counted } from "./counted.ts";
import { formatDuration } from "./duration.ts";
import { formatSize } from "./size.ts";

/** The member `cluster`; times in ms since the Unix epoch, durations in ms. */
export interface SharedStateData {
  readonly nodes: readonly {
    readonly name: string;
    readonly version: string;
    readonly alive: boolean;
    readonly draining: boolean;
    readonly since: number;
    /** Time since the last sign of life. */
    readonly silent_ms: number;
    readonly workers: number;
    readonly sessions: number;
    readonly transfers: number;
    readonly connections: number;
    readonly max_connections: number;
    readonly lag_ms: number;
  }[];
  readonly connections: number;
  readonly max_connections: number;
  readonly garbage: {
    readonly objects: number;
    readonly bytes: number;
    readonly oldest: number | null;
  };
}

/** One node, in words. */
export function nodeText(node: SharedStateData["nodes"][number]): string {
  if (!node.alive) return `no sign of life for ${formatDuration(node.silent_ms)}`;
  return [
    ...node.draining ? ["about to stop"] : [],
    `version ${node.version}`,
    `since ${new Date(node.since).toISOString()}`,
    `last sign ${formatDuration(node.silent_ms)} ago`,
    counted(node.workers, "worker"),
    counted(node.sessions, "session"),
    counted(node.transfers, "transfer"),
    `${node.connections} of ${node.max_connections} connections to the database`,
    `notifications take ${node.lag_ms} ms`,
  ].join(", ");
}

/** Garbage, in words. */
export function garbageText({ objects, bytes, oldest }: SharedStateData["garbage"]): string {
  const since = oldest === null ? "" : `, the oldest for ${formatDuration(Date.now() - oldest)}`;
  return `${counted(objects, "object")}, about ${formatSize(bytes)}${since}`;
}

/** All of it, as lines with the name of a fact in front. */
export function sharedStateLines(state: SharedStateData): string[] {
  const alive = state.nodes.filter((node) => node.alive).length;
  return [
    `Nodes            ${alive} of ${state.nodes.length} alive`,
    ...state.nodes.map((node) => `  ${node.name.padEnd(14)} ${nodeText(node)}`),
    `Database         ${state.connections} of ${state.max_connections} connections`,
    `Garbage          ${garbageText(state.garbage)}`,
  ];
}
