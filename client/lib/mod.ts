/**
 * The client library: verified, resumable transfers with a Towpath server, for Deno programs.
 *
 * @example Upload a file and list the directory it went to
 * ```ts
 * import { Client, listRemote, uploadFile } from "./client/lib/mod.ts";
 *
 * const client = await Client.connect({
 *   server: Deno.args[0],
 *   caFile: Deno.args[1],
 *   credentials: { username: "admin", password: Deno.args[2] },
 * });
 * const stored = await uploadFile(client, Deno.args[3], "/reports/may.csv", { makeDirs: true });
 * console.log(stored.filename, stored.size, stored.hash);
 * for await (const page of listRemote(client, "/reports", false)) {
 *   for (const entry of page) console.log(entry.name);
 * }
 * await client.close();
 * ```
 *
 * @module
 */
export {
  Client,
  type ClientOptions,
  type Credentials,
  type Identity,
} from "./connection/client.ts";
export { ConfigDirectory } from "./connection/config.ts";
export {
  downloadFile,
  type DownloadOptions,
  type DownloadResult,
  downloadTo,
} from "./download/download.ts";
export { type DownloadItem, downloadMany } from "./download/download_many.ts";
export { type DownloadTarget, FileTarget } from "./download/download_target.ts";
export { ClientError, ConnectionLost, ExitCode, Interrupted } from "./common/error.ts";
export { type LeftOut, listRemote } from "./listing.ts";
export { StreamTarget } from "./download/stream_target.ts";
export { StreamSource } from "./upload/stream_source.ts";
export { uploadFile, uploadFrom } from "./upload/upload.ts";
export type { IfExists, UploadOptions, UploadResult } from "./upload/upload_options.ts";
export { type TransferEvents, type UploadItem, uploadMany } from "./upload/upload_many.ts";
export { FileSource, type UploadSource } from "./upload/upload_source.ts";
export type { Endpoint } from "./connection/endpoint.ts";
export type { RequestOptions } from "./connection/handlers.ts";
export type { Chmod } from "./local/carried_mode.ts";
export type { PartPlace } from "./local/part_file.ts";
export type { Prefixed, PrefixHash } from "./local/prefix.ts";
export type { Items } from "./common/queue.ts";
export type { RetryPolicy } from "./common/retry.ts";
export type { ListEntry, Reply, ReplyData, RequestId } from "../../protocol/reply.ts";
export { type Status, STATUSES } from "../../protocol/status.ts";
export type { Lease } from "../../buffers/pool.ts";
