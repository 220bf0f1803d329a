/**
 * The client library: verified, resumable transfers with a Towpath server, for Deno programs.
 *
 * @example Upload a file and list the directory it went to
 * ```ts
 * import { Client, listRemote, uploadFile } from "./client/mod.ts";
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
export { Client, type ClientOptions, type Credentials, type Identity } from "./client.ts";
export { ConfigDirectory } from "./config.ts";
export { downloadFile, type DownloadOptions, type DownloadResult, downloadTo } from "./download.ts";
export { type DownloadItem, downloadMany } from "./download_many.ts";
export { type DownloadTarget, FileTarget } from "./download_target.ts";
export { ClientError, ConnectionLost, ExitCode, Interrupted } from "./error.ts";
export { listRemote } from "./listing.ts";
export { StreamTarget } from "./stream_target.ts";
export { StreamSource } from "./stream_source.ts";
export { uploadFile, uploadFrom } from "./upload.ts";
export type { IfExists, UploadOptions, UploadResult } from "./upload_options.ts";
export { type TransferEvents, type UploadItem, uploadMany } from "./upload_many.ts";
export { FileSource, type UploadSource } from "./upload_source.ts";
