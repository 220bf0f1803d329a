/** Runs Towpath's programs as a user without privileges, where the tests run as root. */
import { join } from "node:path";
import project from "../../deno.json" with { type: "json" };

const ROOT = new URL("../../", import.meta.url).pathname;

/** User and group that own nothing else. */
export const NOBODY = 65534;

/** Whether programs can be run as another user here. */
export const CAN_SWITCH = Deno.build.os === "linux" && Deno.uid() === 0;

/** How a program ended. */
export interface Ended {
  code: number;
  stdout: string;
  stderr: string;
}

/** A directory of {@linkcode NOBODY}, and a cache of packages that it can read. */
export class OtherUser implements Disposable {
  /** Belongs to it, mode 700. */
  readonly home: string;
  readonly #top = Deno.makeTempDirSync({ prefix: "towpath-nobody-" });

  constructor() {
    Deno.chmodSync(this.#top, 0o755);
    this.home = join(this.#top, "home");
    for (const path of [this.home, join(this.#top, "cache")]) {
      Deno.mkdirSync(path, { mode: 0o700 });
      Deno.chownSync(path, NOBODY, NOBODY);
    }
    const packages = join(denoDirectory(), "npm");
    // Links where they can be made: nothing is copied then.
    if (run("cp", ["-al", packages, join(this.#top, "cache", "npm")]).code !== 0) {
      run("cp", ["-a", packages, join(this.#top, "cache", "npm")]);
    }
  }

  /** What runs a command line as this user. */
  command(program: string, args: string[]): [string, string[]] {
    const ids = [`--reuid=${NOBODY}`, `--regid=${NOBODY}`, "--clear-groups"];
    return ["setpriv", [...ids, program, ...args]];
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
      cwd: ROOT,
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

/** Paths below a directory, itself included, that do not belong to {@linkcode NOBODY}. */
export function ownedByOthers(directory: string): string[] {
  const found: string[] = [];
  const visit = (path: string) => {
    const info = Deno.lstatSync(path);
    if (info.uid !== NOBODY || info.gid !== NOBODY) found.push(path);
    if (info.isDirectory) {
      for (const { name } of Deno.readDirSync(path)) {
        visit(join(path, name));
      }
    }
  };
  visit(directory);
  return found;
}
