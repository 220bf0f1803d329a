/**
 * Modules of Node.js that few commands need. They are loaded at their first use: loading one takes
 * 10 ms and more in every command that imports it.
 */
import process from "node:process";

/** Returns `node:fs`. */
export function nodeFs(): typeof import("node:fs") {
  return process.getBuiltinModule("node:fs");
}

/** Returns `node:zlib`. */
export function nodeZlib(): typeof import("node:zlib") {
  return process.getBuiltinModule("node:zlib");
}
