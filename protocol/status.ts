/**
 * The reply statuses of the native protocol (docs/protocol.md, "Statuses"): for each its FTP reply
 * code (RFC 959 section 4.2, RFC 3659, RFC 4217) and its meaning in one line.
 */
export const STATUSES = {
  OK: { code: 200, meaning: "done" },
  PROGRESS: { code: 110, meaning: "interim: this number of bytes is now on stable storage" },
  ABORTED: { code: 426, meaning: "the transfer was ended by ABOR, a takeover or an administrator" },
  AUTH_SUCCESS: { code: 230, meaning: "logged in" },
  AUTH_REQUIRED: { code: 530, meaning: "log in first" },
  AUTH_FAILED: { code: 530, meaning: "wrong user name or password, or the token is not valid" },
  NEED_PASSWORD: { code: 331, meaning: "the user name was noted, send PASS" },
  BAD_FRAME: { code: 500, meaning: "the frame header is not valid; the connection is closed" },
  BAD_REQUEST: { code: 501, meaning: "malformed request" },
  UNKNOWN_COMMAND: { code: 500, meaning: "no such command" },
  BAD_SEQUENCE: { code: 503, meaning: "the command is not possible at this point" },
  UNSUPPORTED: { code: 504, meaning: "known command, parameter not supported" },
  PERMISSION_DENIED: {
    code: 550,
    meaning: "a permission is missing, or the path is closed",
  },
  FILE_NOT_FOUND: { code: 550, meaning: "no such file or directory" },
  ALREADY_EXISTS: { code: 550, meaning: "the target exists" },
  IS_A_DIRECTORY: { code: 550, meaning: "the path is a directory" },
  NOT_A_DIRECTORY: { code: 550, meaning: "the path, or a part of it, is a file" },
  NOT_EMPTY: { code: 550, meaning: "the directory is not empty" },
  BAD_NAME: { code: 553, meaning: "the name is not allowed" },
  CHECKSUM_FAILED: { code: 551, meaning: "the content does not match the announced checksum" },
  LOCKED: { code: 450, meaning: "another account holds a lock there, until the time in the reply" },
  FILE_CHANGED: { code: 551, meaning: "the content is not the requested one" },
  TRANSFER_NOT_FOUND: { code: 550, meaning: "no such unfinished upload" },
  OFFSET_MISMATCH: { code: 554, meaning: "the restart offset is not acceptable" },
  QUOTA_EXCEEDED: { code: 552, meaning: "over the account's quota, or the disk is full" },
  TOO_MANY: {
    code: 421,
    meaning: "over a limit on connections, attempts or requests, or not possible for a moment",
  },
  SHUTTING_DOWN: { code: 421, meaning: "the server is going down" },
  ERROR: { code: 451, meaning: "the server failed; its log has the reason" },
} as const satisfies Record<string, { code: number; meaning: string }>;

/** Name of a reply status. */
export type Status = keyof typeof STATUSES;
