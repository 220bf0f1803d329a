/** Names of the server's logs, and levels of their lines, the least important first. */

/** The logs. */
export const LOG_NAMES = ["server", "audit", "web", "database"] as const;
/** Name of a log. */
export type LogName = (typeof LOG_NAMES)[number];

/** Levels of lines. */
export const LOG_LEVELS = ["debug", "info", "warning", "error"] as const;
/** Level of a line. */
export type LogLevel = (typeof LOG_LEVELS)[number];
