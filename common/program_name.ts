/** The command that the user typed to run a program, so that help and messages can be pasted. */

/** The programs of the project. */
export type Program = "serve" | "admin" | "client";

/** How the user calls each program. */
export type ProgramNames = Record<Program, string>;

let known: ProgramNames | undefined;

/** How the user calls each program, for threads that read no environment. */
export function programNames(): ProgramNames {
  return {
    serve: programName("serve"),
    admin: programName("admin"),
    client: programName("client"),
  };
}

/** Takes over what another thread found. */
export function useProgramNames(names: ProgramNames): void {
  known = names;
}

/**
 * How the user calls a program: `deno task client`, `npx -y deno@2.9.6 task client`, or `towpath`,
 * whose commands are the client's.
 */
export function programName(program: Program): string {
  if (known !== undefined) return known[program];
  const installed = installedName();
  if (installed !== undefined) return program === "client" ? installed : `${installed} ${program}`;
  const runner = variable("npm_command") === "exec" ? "npx -y deno@2.9.6" : "deno";
  return `${runner} task ${program}`;
}

/**
 * How the user calls a command of the client: `towpath upload`. The client's `admin` needs the
 * program's name in between, as `towpath admin` works on the data directory.
 */
export function clientCommand(line: string): string {
  const program = programName("client");
  const hidden = /^(admin|serve|client)\b/.test(line) && !program.endsWith(" client");
  return `${program}${hidden ? " client" : ""} ${line}`;
}

/** The installed command, where the program runs as one. */
function installedName(): string | undefined {
  const named = variable("TOWPATH_COMMAND");
  if (named !== undefined) return named;
  return Deno.build.standalone || Deno.mainModule.endsWith("/towpath.ts") ? "towpath" : undefined;
}

/** An environment variable; one that may not be read counts as unset. */
function variable(name: string): string | undefined {
  const { state } = Deno.permissions.querySync({ name: "env", variable: name });
  return state === "granted" ? Deno.env.get(name) || undefined : undefined;
}
