/** Runs Towpath's programs as a user without privileges, where the tests run as root. */
import { join } from "@std/path";
import project from "../../../deno.json" with { type: "json" };

const ROOT = new URL("../../../", import.meta.url).pathname;

/** User and group that own nothing else. */
export const UNPRIVILEGED = 65534;

/** Whether programs can be run as another user here. */
export const CAN_SWITCH = Deno.build.os === "linux" && Deno.uid() === 0;

/** How a program ended. */
export interface Ended {
  code: number;
  stdout: string;
  stderr: string;
}

/** Entries of the project that its programs do not need. */
const LEFT_OUT = new Set([".git", "tests", "node_modules", "data"]);

/**
 * A directory of {@linkcode UNPRIVILEGED}, with the project, Deno and a cache of packages where it can read
 * them: the clone, and the home of the user who tests, may be closed to others.
 */
export class OtherUser implements Disposable {
  /** Belongs to it, mode 700. */
  readonly home: string;
  /** The project's directory, without a slash at its end. */
  readonly project: string;
  readonly #deno: string;
  readonly #top = Deno.makeTempDirSync({ prefix: "towpath-nobody-" });

  constructor() {
    Deno.chmodSync(this.#top, 0o755);
    this.home = join(this.#top, "home");
    for (const path of [this.home, join(this.#top, "cache")]) {
      Deno.mkdirSync(path, { mode: 0o700 });
      Deno.chownSync(path, UNPRIVILEGED, UNPRIVILEGED);
    }
    link([join(denoDirectory(), "npm")], join(this.#top, "cache"));
    this.project = join(this.#top, "project");
    Deno.mkdirSync(this.project);
    Deno.chmodSync(this.project, 0o755);
    const entries = Array.from(Deno.readDirSync(ROOT), ({ name }) => name)
      .filter((name) => !LEFT_OUT.has(name));
    link(entries.map((name) => join(ROOT, name)), this.project);
    this.#deno = join(this.#top, "deno");
    link([Deno.execPath()], this.#deno);
  }

  /** Prefix of a command line that runs as this user. */
  command(program: string, args: string[]): [string, string[]] {
    const ids = [`--reuid=${UNPRIVILEGED}`, `--regid=${UNPRIVILEGED}`, "--clear-groups"];
    const executable = program === Deno.execPath() ? this.#deno : program;
    return ["setpriv", [...ids, executable, ...args]];
  }

  /** Environment of its programs. */
  get env(): Record<string, string> {
    return { DENO_DIR: join(this.#top, "cache"), HOME: this.home };
  }

  /** Runs `admin`, as this user or as root. */
  async admin(args: string[], as: "root" | "nobody" = "nobody"): Promise<Ended> {
    const deno = [Deno.execPath(), [...taskArguments("admin"), ...args]] as const;
    const [program, rest] = as === "root" ? deno : this.command(...deno as [string, string[]]);
    const { code, stdout, stderr } = await new Deno.Command(program, {
      args: [...rest],
      cwd: this.project,
      env: as === "root" ? {} : this.env,
      stdin: "null",
    }).output();
    const decoder = new TextDecoder();
    return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.#top, { recursive: true });
  }
}

/** Arguments of a task, as deno.json has them. */
function taskArguments(task: "admin"): string[] {
  return project.tasks[task].command.split(" ").slice(1);
}

function denoDirectory(): string {
  const { stdout } = run(Deno.execPath(), ["info", "--json"]);
  return JSON.parse(stdout).denoDir;
}

function run(program: string, args: string[]): { code: number; stdout: string } {
  const { code, stdout } = new Deno.Command(program, { args, stdin: "null" }).outputSync();
  return { code, stdout: new TextDecoder().decode(stdout) };
}

/** Puts files and trees elsewhere: as links where they can be made, else as copies. */
function link(paths: string[], to: string): void {
  if (run("cp", ["-al", ...paths, to]).code === 0) return;
  const { code } = run("cp", ["-a", ...paths, to]);
  if (code !== 0) throw new Error(`Cannot copy ${paths.join(", ")} to ${to}`);
}

/** Paths below a directory, itself included, that do not belong to {@linkcode UNPRIVILEGED}. */
export function ownedByOthers(directory: string): string[] {
  const found: string[] = [];
  const visit = (path: string) => {
    const info = Deno.lstatSync(path);
    if (info.uid !== UNPRIVILEGED || info.gid !== UNPRIVILEGED) found.push(path);
    if (info.isDirectory) {
      for (const { name } of Deno.readDirSync(path)) {
        visit(join(path, name));
      }
    }
  };
  visit(directory);
  return found;
}
