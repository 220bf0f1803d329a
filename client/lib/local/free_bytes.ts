import { nodeFs } from "../common/builtins.ts";

/**
 * Free bytes of the file system that holds a path. Needs `--allow-sys=statfs`.
 *
 * @returns undefined where it cannot be found out
 */
export function freeBytes(path: string): number | undefined {
  // Without the permission Deno would ask for it on the terminal.
  if (Deno.permissions.querySync({ name: "sys", kind: "statfs" }).state !== "granted") {
    return undefined;
  }
  try {
    const { bavail, bsize } = nodeFs().statfsSync(path);
    return Number(bavail) * Number(bsize);
  } catch {
    return undefined;
  }
}
