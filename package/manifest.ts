/** The configuration files of the npm package, derived from deno.json. */

/** Version of the npm package `deno` that runs an installed Towpath. */
const DENO_VERSION = "2.9.6";

/** The needed members of deno.json. */
export interface Project {
  version: string;
  license: string;
}

/**
 * The package.json of the npm package.
 *
 * @param files names of files and folders that the package holds
 * @param pages names of the files in its folder `man`
 */
export function packageJson(
  { version, license }: Project,
  files: readonly string[],
  pages: readonly string[],
): unknown {
  return {
    name: "towpath",
    version,
    description: "A secure file server and client: transfers resume, every file is verified.",
    license,
    type: "module",
    bin: { towpath: "bin/towpath.mjs" },
    man: pages.map((name) => `./man/${name}`),
    files,
    dependencies: { deno: DENO_VERSION },
    engines: { node: ">=18" },
  };
}

/**
 * The deno.json of the npm package: without the folder of the page's scripts, with packages in
 * Deno's own cache, and with a lock file that a user without rights on it need not write.
 */
export function projectConfig<T extends Project>(project: T): unknown {
  const { workspace: _, ...rest } = project as T & { workspace?: unknown };
  return { ...rest, nodeModulesDir: "none", lock: { path: "./deno.lock", frozen: true } };
}
