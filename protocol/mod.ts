/** The wire contract of the native protocol: pure, without sockets or files. */
export * from "./wire.ts";
export * from "./messages.ts";
