import type { Reply, Status } from "../../../protocol/wire.ts";
import { clientCommand } from "../../../common/program_name.ts";
import { printable, shellWord } from "../../../common/printable.ts";

/** Exit codes of the client (docs/cli.md, "Exit codes"). */
export const ExitCode = {
  ok: 0,
  failed: 1,
  usage: 2,
  login: 3,
  notFound: 4,
  denied: 5,
  checksum: 6,
  connection: 7,
  conflict: 8,
  space: 9,
  some: 10,
  interrupted: 130,
} as const;

/** Exit codes of failures. */
type Failed = Exclude<typeof ExitCode[keyof typeof ExitCode], 0>;

/** Statuses of success; one that ends in an error came where it does not belong. */
const SUCCESS = new Set<Status>(["OK", "PROGRESS", "AUTH_SUCCESS"]);

/** Exit code for each reply status that ended in an error; never 0. */
const EXIT_CODE_BY_STATUS = {
  OK: ExitCode.failed,
  PROGRESS: ExitCode.failed,
  AUTH_SUCCESS: ExitCode.failed,
  NEED_PASSWORD: ExitCode.login,
  AUTH_REQUIRED: ExitCode.login,
  AUTH_FAILED: ExitCode.login,
  FILE_NOT_FOUND: ExitCode.notFound,
  TRANSFER_NOT_FOUND: ExitCode.notFound,
  PERMISSION_DENIED: ExitCode.denied,
  CHECKSUM_FAILED: ExitCode.checksum,
  ABORTED: ExitCode.connection,
  TOO_MANY: ExitCode.connection,
  SHUTTING_DOWN: ExitCode.connection,
  ALREADY_EXISTS: ExitCode.conflict,
  IS_A_DIRECTORY: ExitCode.conflict,
  NOT_A_DIRECTORY: ExitCode.conflict,
  NOT_EMPTY: ExitCode.conflict,
  LOCKED: ExitCode.conflict,
  FILE_CHANGED: ExitCode.conflict,
  OFFSET_MISMATCH: ExitCode.conflict,
  QUOTA_EXCEEDED: ExitCode.space,
  BAD_FRAME: ExitCode.failed,
  BAD_REQUEST: ExitCode.failed,
  UNKNOWN_COMMAND: ExitCode.failed,
  BAD_SEQUENCE: ExitCode.failed,
  UNSUPPORTED: ExitCode.failed,
  BAD_NAME: ExitCode.failed,
  ERROR: ExitCode.failed,
} as const satisfies Record<Status, Failed>;

/**
 * Statuses after which the server keeps the received part of an upload, if it names its `offset`.
 */
const KEPT = new Set<Status>([
  ...["QUOTA_EXCEEDED", "LOCKED", "SHUTTING_DOWN", "ABORTED", "ERROR", "TOO_MANY"] as const,
]);

/** Advice for the user on a status; added to the message. */
const ADVICE: Partial<Record<Status, string>> = {
  AUTH_FAILED: "Check the user name and the password",
  AUTH_REQUIRED: "Log in with --user and a password",
  QUOTA_EXCEEDED: "Remove something, or ask the server's administrator for a larger quota",
  SHUTTING_DOWN: "Try again later",
};

function adviceFor({ status, data: { missing, disk_full } }: Reply): string | undefined {
  if (status === "QUOTA_EXCEEDED" && disk_full === true) {
    return "Ask the server's administrator to free space, then try again";
  }
  if (status !== "FILE_NOT_FOUND" || typeof missing !== "string") return ADVICE[status];
  return `Make it first: ${clientCommand(`mkdir -p ${shellWord(missing)}`)}`;
}

/** Anything that a client operation failed with: one sentence, and the exit code that it means. */
export class ClientError extends Error {
  /** Name of the class. */
  override readonly name: string = "ClientError";
  /** One of {@linkcode ExitCode}. */
  readonly exitCode: number;
  /** The server's reply status, where a reply was the cause. */
  readonly status: string | undefined;
  /** The file that it is about. */
  filename: string | undefined;
  /** The `data` of the server's reply, not to be trusted. */
  readonly data: Record<string, unknown>;
  /** Whether the transferred part of a file is kept, so that the transfer can be resumed. */
  resumable = false;

  /** An error with a sentence; its exit code is 1 unless another one is given. */
  constructor(
    message: string,
    options: {
      exitCode?: number;
      status?: string | undefined;
      filename?: string | undefined;
      data?: Record<string, unknown>;
      cause?: unknown;
    } = {},
  ) {
    super(message, { cause: options.cause });
    // An error is never a success, whatever it was made of.
    this.exitCode = options.exitCode || ExitCode.failed;
    this.status = options.status;
    this.filename = options.filename;
    this.data = options.data ?? {};
  }
}

/** The connection broke, fell silent or could not be made; the same may succeed on another try. */
export class ConnectionLost extends ClientError {
  /** Name of the class. */
  override readonly name = "ConnectionLost";
  /** An error with a sentence, and what caused it. */
  constructor(message: string, cause?: unknown) {
    super(message, { exitCode: ExitCode.connection, cause });
    this.resumable = true;
  }
}

/** The user pressed Ctrl-C. */
export class Interrupted extends ClientError {
  /** Name of the class. */
  override readonly name = "Interrupted";
  /** An error with a sentence, and the file that it is about. */
  constructor(message = "Interrupted", filename?: string) {
    super(message, { exitCode: ExitCode.interrupted, filename });
  }
}

/** A wrong command line. */
export function usageError(message: string): ClientError {
  return new ClientError(message, { exitCode: ExitCode.usage });
}

/**
 * Creates the error for a reply other than success.
 *
 * @param action the attempted action, as in `Cannot upload "a.txt"`
 * @param advice what to do, where the status alone does not determine it
 */
export function replyError(
  reply: Reply,
  action: string,
  filename?: string,
  advice: string | undefined = adviceFor(reply),
): ClientError {
  const told = typeof reply.data.message === "string" ? reply.data.message : reply.status;
  const said = SUCCESS.has(reply.status)
    ? `The server's reply does not belong here: ${reply.status} ${reply.code}`
    : told;
  const reference = typeof reply.data.reference === "string"
    ? ` (reference ${reply.data.reference} in the server's log)`
    : "";
  const why = printable(said.replace(/\.\s*$/, "") + reference);
  const error = new ClientError(`${action}: ${why}${advice ? `. ${advice}` : ""}`, {
    exitCode: EXIT_CODE_BY_STATUS[reply.status] ?? ExitCode.failed,
    status: reply.status,
    filename,
    data: reply.data,
  });
  error.resumable = KEPT.has(reply.status) && Number(reply.data.offset) > 0;
  return error;
}

/** Whether trying again, after a pause, may help. */
export function isRetryable(error: unknown): error is ClientError {
  if (error instanceof ConnectionLost) return true;
  return error instanceof ClientError &&
    (error.status === "SHUTTING_DOWN" || error.status === "TOO_MANY" || error.status === "ERROR");
}

/** Meaning of the operating system's error names, and what to do. */
const SYSTEM_ERRORS: Readonly<Record<string, { why: string; exitCode: number }>> = {
  EEXIST: { why: "it exists: choose another name, or move it away", exitCode: ExitCode.conflict },
  EISDIR: { why: "it is a directory: choose a file, or move it away", exitCode: ExitCode.conflict },
  ENOTDIR: {
    why: "a part of the path is a file: choose another path",
    exitCode: ExitCode.conflict,
  },
  ENOTEMPTY: { why: "the directory is not empty: empty it first", exitCode: ExitCode.conflict },
  ENOSPC: { why: "no space is left: make room and try again", exitCode: ExitCode.space },
  EDQUOT: { why: "no space is left: make room and try again", exitCode: ExitCode.space },
  EROFS: { why: "its file system is read-only: choose another place", exitCode: ExitCode.denied },
  EMFILE: {
    why: "too many files are open: raise the limit (ulimit -n)",
    exitCode: ExitCode.failed,
  },
};

/**
 * Creates the error for a failed call on the local file system.
 *
 * @param action the attempted action, as in `Cannot read "a.txt"`
 */
export function localError(error: unknown, action: string, filename?: string): ClientError {
  if (error instanceof ClientError) return error;
  const make = (why: string, exitCode: number) =>
    new ClientError(`${action}: ${why}`, { exitCode, filename, cause: error });
  if (error instanceof Deno.errors.NotCapable) {
    const flag = /--allow-[a-z]+/.exec(error.message)?.[0] ?? "--allow-read";
    // Places such as /proc and /dev, which no narrower permission opens.
    if (flag === "--allow-all") return make("Deno lets no program use this place", ExitCode.denied);
    return make(`Deno was not given the permission, run again with ${flag}`, ExitCode.denied);
  }
  if (error instanceof Deno.errors.NotFound) {
    return make("no such file or directory: check the name", ExitCode.notFound);
  }
  if (error instanceof Deno.errors.PermissionDenied) {
    return make("the system denies you access to it: check its owner and mode", ExitCode.denied);
  }
  const text = error instanceof Error ? error.message : String(error);
  const known = SYSTEM_ERRORS[(error as { code?: string } | null)?.code ?? ""];
  if (known !== undefined) return make(known.why, known.exitCode);
  return make(systemText(text), ExitCode.failed);
}

function systemText(text: string): string {
  const plain = printable(text.replace(/ \(os error \d+\).*$/, ""));
  return plain.charAt(0).toLowerCase() + plain.slice(1);
}
