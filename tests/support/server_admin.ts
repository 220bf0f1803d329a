import { assertEquals } from "@std/assert";
import { runAdmin } from "../../server/admin/run.ts";
import { terminalWith } from "./admin.ts";
import type { TestServer } from "./server.ts";

/** Runs a command of `admin` beside a server, on what the server keeps. @returns its output */
export async function adminBeside(server: TestServer, ...args: string[]): Promise<string> {
  const environment = await server.environment();
  const from = {
    args: [...args, "--data", server.data],
    variable: (name: string) => environment[name],
    directory: "/",
  };
  const { stdout, exitCode } = await runAdmin(from, terminalWith(""));
  assertEquals(exitCode, 0);
  return stdout;
}
