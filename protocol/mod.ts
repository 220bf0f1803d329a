/** The wire contract of the native protocol: pure, without sockets or files. */
export * from "./status.ts";
export * from "./frame.ts";
export * from "./frame_reader.ts";
export * from "./frame_writer.ts";
export * from "./json.ts";
export * from "./messages.ts";
