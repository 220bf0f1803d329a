/** The operating system's name of an error (`ENOSPC`), or undefined. */
export function osCode(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === "string" ? code : undefined;
}

/** Whether an operation failed because the disk, its inodes or the disk quota are used up. */
export function isDiskFull(error: unknown): boolean {
  const code = osCode(error);
  return code === "ENOSPC" || code === "EDQUOT";
}
