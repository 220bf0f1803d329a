/** The command `towpath`, as shells find it on their path. */
import project from "../../../deno.json" with { type: "json" };
import { permissionFlags } from "../../../package/permission_flags.ts";

const ROOT = new URL("../../../", import.meta.url).pathname;

/** A directory for `PATH` with the command in it, until it is disposed of. */
export class InstalledCommand implements Disposable {
  /** The directory; tests may put files of their own into it. */
  readonly place: string = Deno.makeTempDirSync({ prefix: "towpath-command-" });
  /** Value of `PATH`. */
  readonly path: string = `${this.place}:${Deno.env.get("PATH")}`;

  constructor() {
    const flags = permissionFlags(project.permissions.towpath).map((flag) => `'${flag}'`).join(" ");
    const text =
      `#!/bin/sh\nexec '${Deno.execPath()}' run --quiet ${flags} ${ROOT}towpath.ts "$@"\n`;
    Deno.writeTextFileSync(`${this.place}/towpath`, text, { mode: 0o755 });
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.place, { recursive: true });
  }
}
