import { ClientError } from "../../lib/common/error.ts";

/** The error, with how to resume the transfer where its beginning is kept. */
export function withAdvice(error: unknown, howToResume: string | undefined): unknown {
  if (!(error instanceof ClientError) || !error.resumable || howToResume === undefined) {
    return error;
  }
  const message = error.message.replace(/\.$/, "");
  error.message = `${message}${/[?!]$/.test(message) ? "" : "."} ${howToResume}`;
  return error;
}
