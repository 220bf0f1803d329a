/** Uploads (RFC 959 section 4.1.3, RFC 3659 section 5). */
import type { IfExists } from "../../../storage/contract/catalog.ts";
import type { ReportedSize } from "../../../storage/transfer/restart.ts";
import type { UploadRequest } from "../../../storage/transfer/transfers.ts";
import type { Upload } from "../../../storage/transfer/upload.ts";
import type { CommandRow, Context } from "../context/context.ts";
import { receive } from "../data/receive.ts";
import { ReplyError } from "../context/reply.ts";
import { spellingIn } from "../listing/spelling.ts";

/** The command `STOR`. */
export const store: CommandRow = {
  name: "STOR",
  letters: "w",
  syntax: "path",
  summary: "Stores a file under this name, from the offset on that REST named.",
  naming: true,
  async run(context, argument) {
    const offset = context.restart;
    context.restart = 0;
    context.requireData();
    const request = { ...wanted(context), ...named(context, argument) };
    const reported = reportedFor(context, request.path);
    const { upload } = offset > 0
      ? await context.view.transfers.restart(request, offset, reported)
      : await begin(context, request);
    return await receive(context, upload, opening(context, argument));
  },
};

/** The command `APPE`. */
export const append: CommandRow = {
  name: "APPE",
  letters: "w",
  syntax: "path",
  summary: "Appends to a file, or to an own unfinished upload that is newer than it.",
  naming: true,
  async run(context, argument) {
    context.restart = 0;
    context.requireData();
    const request = { ...wanted(context), ...named(context, argument) };
    const reported = reportedFor(context, request.path);
    const { upload } = await context.view.transfers.appendOrResume(request, reported);
    return await receive(context, upload, opening(context, argument));
  },
};

/** The command `STOU`. */
export const storeUnique: CommandRow = {
  name: "STOU",
  letters: "w",
  syntax: "[path]",
  summary: "Stores a file under a new name, which begins with the path where one is given.",
  naming: true,
  async run(context, argument) {
    context.restart = 0;
    context.requireData();
    const name = `${argument || "stou"}.${crypto.randomUUID().replaceAll("-", "").slice(0, 12)}`;
    const request = { ...wanted(context), path: context.resolve(name), ifExists: "fail" as const };
    const { upload } = await begin(context, request);
    return await receive(context, upload, `FILE: ${name}`);
  },
};

/** Options of every FTP upload: the name always has the newest content. */
function wanted({ settings }: Context): Omit<UploadRequest, "path"> & { ifExists: IfExists } {
  const { overwrite, makeDirectories = false } = settings;
  return {
    ifExists: overwrite === "keep" ? "keep" : "overwrite",
    recordLate: true,
    makeDirectories,
  };
}

/**
 * Returns the last `SIZE` reply for the path; it is used once, since the upload changes the size.
 */
function reportedFor(context: Context, path: string): ReportedSize | undefined {
  const { reported } = context;
  context.reported = undefined;
  return reported?.path === path ? reported : undefined;
}

function named(context: Context, argument: string) {
  return { path: context.resolve(argument), spelling: spellingIn(context, argument) };
}

async function begin(context: Context, request: UploadRequest): Promise<{ upload: Upload }> {
  const opening = await context.view.transfers.upload(request);
  if ("skipped" in opening) throw new ReplyError(550, "There is such a file already"); // FTP never requests it
  return opening;
}

function opening({ ascii }: Context, argument: string): string {
  const name = argument.replaceAll(/[()]/g, "_");
  return `Opening ${ascii ? "ASCII" : "BINARY"} mode data connection for ${name}`;
}
