/**
 * Kinds of failures of an upload, by the reaction: wait and continue (`network`, `busy`), request
 * the offset (`offset`), begin again (`gone`), prompt the user (`signed-out`, `other-file`), or
 * report (`refused`, `mismatch`, `unreadable`).
 */
export type UploadFailureKind =
  | "network"
  | "busy"
  | "offset"
  | "gone"
  | "signed-out"
  | "other-file"
  | "mismatch"
  | "unreadable"
  | "refused";

/** A failure with one sentence for the person in front of the page. */
export class UploadFailure extends Error {
  override readonly name = "UploadFailure";

  /** @param afterMs retry time that the server requested, if any */
  constructor(
    readonly kind: UploadFailureKind,
    message: string,
    readonly afterMs?: number,
  ) {
    super(message);
  }
}

/** Whether time alone may mend it. */
export function isPassing(failure: UploadFailure): boolean {
  return failure.kind === "network" || failure.kind === "busy";
}

/** Whether a retry can succeed without a change of the file or at the server. */
export function isRetried(failure: UploadFailure): boolean {
  return isPassing(failure) || ["offset", "gone", "signed-out"].includes(failure.kind);
}

const KINDS: Record<number, UploadFailureKind> = {
  404: "gone",
  408: "network",
  409: "offset",
  410: "gone",
  423: "busy",
  425: "busy",
  429: "busy",
  460: "mismatch",
  500: "busy",
  502: "busy",
  503: "busy",
  504: "busy",
};

/** Conflicts (409) with what is there already, which no other offset ends. */
const CONFLICTS: readonly unknown[] = ["exists", "is-directory", "not-directory", "not-empty"];

/**
 * The failure that an answer of the server is. The sentence is the server's own, from the `detail`
 * of a problem document (RFC 9457), where there is one.
 */
export function failureOf(status: number, body: string, retryAfter: string | null): UploadFailure {
  const seconds = retryAfter === null ? NaN : Number(retryAfter);
  const afterMs = Number.isFinite(seconds) ? Math.max(0, seconds) * 1000 : undefined;
  const problem = problemIn(body);
  // After a new sign-in the token of the page is that of a session that is over.
  if (status === 401 || problem.kind === "cross-site") {
    return new UploadFailure("signed-out", SIGNED_OUT);
  }
  const kind = CONFLICTS.includes(problem.kind) ? "refused" : KINDS[status] ?? "refused";
  return new UploadFailure(kind, problem.text ?? `The server answered ${status}`, afterMs);
}

const SIGNED_OUT = "You are signed out: sign in again in another tab, and resume here";

/** Sentence and kind of a problem document, the sentence of a short plain text, or neither. */
function problemIn(body: string): { text?: string; kind?: unknown } {
  try {
    const { detail, title, kind } = JSON.parse(body);
    for (const text of [detail, title]) {
      if (typeof text === "string" && text !== "") return { text, kind };
    }
  } catch {
    const text = body.trim();
    if (text !== "" && text.length <= 200 && !text.startsWith("<")) return { text };
  }
  return {};
}
