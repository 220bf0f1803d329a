/**
 * Sentences of the storage for the operator's logs: events of the database, and debug lines that
 * follow one request through the rooms (folders) of the program. The program that opens the vault
 * takes them; without it, or without debug lines, they cost one comparison.
 */
import { AsyncLocalStorage } from "node:async_hooks";

/** Levels of a report. */
export type ReportLevel = "debug" | "info" | "warning" | "error";

/** Values of a report: sizes, times, ids and names; never secrets, never content. */
export type ReportFields = Readonly<Record<string, string | number | boolean | undefined>>;

/** Takes reports. `room` is where one comes from: `vault`, `commit`, `parts`, `database`. */
export type ReportSink = (
  level: ReportLevel,
  room: string,
  message: string,
  fields: ReportFields,
) => void;

let sink: ReportSink | undefined;
let takesDebug = false;
const current = new AsyncLocalStorage<string>();

/** Sends all reports of this thread to a sink. @param debug whether it takes debug lines */
export function reportTo(take: ReportSink | undefined, { debug }: { debug: boolean }): void {
  sink = take;
  takesDebug = take !== undefined && debug;
}

/** Reports an event. */
export function report(
  level: Exclude<ReportLevel, "debug">,
  room: string,
  message: string,
  fields: ReportFields = {},
): void {
  sink?.(level, room, message, fields);
}

/** Whether requests are followed: callers build nothing where they are not. */
export function isFollowing(): boolean {
  return takesDebug;
}

/** Runs the work of a request, whose debug lines name it; its work that goes on later included. */
export function follow<T>(request: string | undefined, work: () => T): T {
  return request === undefined ? work() : current.run(request, work);
}

/** The request whose work this is; undefined: none is followed. */
export function followed(): string | undefined {
  return takesDebug ? current.getStore() : undefined;
}

/** Returns what runs later work as a part of the request that is followed now. */
export function follower(): <T>(work: () => T) => T {
  const request = followed();
  return request === undefined ? runPlainly : (work) => current.run(request, work);
}

function runPlainly<T>(work: () => T): T {
  return work();
}

/** Writes a debug line of a request. Called only where {@linkcode isFollowing}. */
export function trace(
  room: string,
  message: string,
  fields: ReportFields = {},
  request = current.getStore(),
): void {
  if (takesDebug) sink?.("debug", room, message, { request, ...fields });
}

/** Makes the id of a request: short, and of this thread alone. */
export function newRequestId(): string {
  return crypto.randomUUID().slice(0, 13);
}
