/** Other names that people type for a command. */
export const ALIASES: ReadonlyMap<string, string> = new Map([
  ["ls", "list"],
  ["profiles", "logins"],
  ["dir", "list"],
  ["put", "upload"],
  ["get", "download"],
  ["del", "rm"],
  ["delete", "rm"],
  ["rename", "mv"],
  ["move", "mv"],
  ["copy", "cp"],
  ["md", "mkdir"],
  ["rd", "rmdir"],
  ["cat", "view"],
]);
