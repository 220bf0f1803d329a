/** A set of `permissions` in deno.json. */
export type PermissionSet = Record<string, boolean | string[]>;

/**
 * The flags that grant what a permission set of deno.json grants. `deno install` and `deno compile`
 * take flags only.
 */
export function permissionFlags(set: PermissionSet): string[] {
  return Object.entries(set).map(([name, granted]) =>
    granted === true ? `--allow-${name}` : `--allow-${name}=${(granted as string[]).join(",")}`
  );
}
