#!/usr/bin/env node
/**
 * The command `towpath` of the npm package: runs a task of deno.json, with its permissions, in the
 * Deno that the npm package `deno` brings. `serve`, `admin` and `client` are tasks; every other word
 * is a command of the client.
 */
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import process from "node:process";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../", import.meta.url));
const { tasks } = JSON.parse(readFileSync(`${root}deno.json`, "utf8"));
const given = process.argv.slice(2);
const named = ["serve", "admin", "client"].includes(given[0]);
const [, run, ...flags] = tasks[named ? given[0] : "client"].command.split(" ");

// Below node_modules, Deno finds no configuration by itself.
const options = [run, "--config", `${root}deno.json`, ...flags];
const child = spawn(findDeno(), [...options, ...(named ? given.slice(1) : given)], {
  cwd: root,
  env: {
    ...process.env,
    INIT_CWD: process.cwd(),
    // deno.json and deno.lock say what is needed; package.json names Deno itself.
    DENO_NO_PACKAGE_JSON: "1",
    TOWPATH_COMMAND: commandName(),
  },
  stdio: "inherit",
});
const HANDED_ON = ["SIGINT", "SIGTERM", "SIGHUP"];
for (const signal of HANDED_ON) process.on(signal, () => child.kill(signal));
child.on("error", (error) => fail(`Cannot start Deno: ${error.message}`));
child.on("exit", (code, signal) => {
  if (signal === null) process.exit(code);
  for (const handled of HANDED_ON) process.removeAllListeners(handled);
  process.kill(process.pid, signal);
});

/** How this command was called. `npx towpath` where npx does not find it here asks the registry. */
function commandName() {
  if (process.env.npm_command !== "exec") return "towpath";
  try {
    // npx installs a package file into a directory of its cache, and notes there which it was.
    const note = JSON.parse(readFileSync(`${root}../../package.json`, "utf8"));
    const [spec] = note._npx.packages;
    return spec.startsWith("./") ? `npx ${spec}` : `npx --package=${spec} towpath`;
  } catch {
    return "npx towpath"; // installed in the project that npx runs in
  }
}

/** The executable of the npm package `deno`, which may have been installed without its scripts. */
function findDeno() {
  try {
    return createRequire(import.meta.url)("deno/install_api.cjs").runInstall();
  } catch (error) {
    fail(`Cannot find the npm package "deno" for this machine, install again: ${error.message}`);
  }
}

function fail(message) {
  console.error(`towpath: ${message.split("\n")[0]}`);
  process.exit(1);
}
