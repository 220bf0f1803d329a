/**
 * The wire without the schemas of requests: what a client needs. It imports no package, so that
 * programs of other projects can import the client library by its path.
 */
export * from "./status.ts";
export * from "./frame.ts";
export * from "./frame_reader.ts";
export * from "./frame_writer.ts";
export * from "./json.ts";
export * from "./reply.ts";
