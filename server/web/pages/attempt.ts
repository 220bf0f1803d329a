/** Forms that keep what was typed: a refused one is shown again, with the message in its place. */
import { isStoreError } from "../../../storage/contract/error.ts";
import { AuthError } from "../../auth/authenticator.ts";
import type { WebContext } from "../request/env.ts";
import { problemOf, type WebErrorKind } from "../request/failure.ts";
import type { Refusal } from "../ui/entry.ts";
import { whyHref } from "../ui/error_page.tsx";

/** The error of one field of a form. */
class FieldError extends Error {
  override readonly name = "FieldError";
  constructor(readonly field: string, override readonly cause: unknown) {
    super(`The field "${field}" is wrong`);
  }
}

/** Runs a step whose errors belong to a field of the form. */
export async function inField<T>(field: string, run: () => T | Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    throw error instanceof FieldError ? error : new FieldError(field, error);
  }
}

/** A form that is carried out. */
export interface Attempt {
  /** As it was sent. */
  readonly form: FormData;
  /** Address of the form, if it differs from that of the request. */
  readonly name?: string;
  /** Field that errors of a kind belong to. @default that of `inField`, or none */
  readonly fields?: Partial<Record<WebErrorKind, string>>;
  /** Status after a wrong password. @default 403, as 401 would say that the session is over */
  readonly wrongPasswordStatus?: 401 | 403;
  /** Carries it out. */
  run(): Promise<Response>;
  /** The page of the form. */
  again(refusal: Refusal): Response | Promise<Response>;
}

/**
 * Carries out a form. If it is refused, the page of the form is the reply, with the error's status.
 *
 * @throws what `run` throws, if the session is over or the page of the form cannot be shown either
 */
export async function attempt(c: WebContext, attempt: Attempt): Promise<Response> {
  try {
    return await attempt.run();
  } catch (thrown) {
    const error = thrown instanceof FieldError ? thrown.cause : thrown;
    if (isStoreError(error, "session-over")) throw error;
    const problem = problemOf(error);
    const { status, kind, detail, headers } = problem;
    const refusal: Refusal = {
      form: attempt.name ?? new URL(c.req.url).pathname,
      field: thrown instanceof FieldError ? thrown.field : attempt.fields?.[kind],
      detail,
      why: whyHref(c, problem),
      typed: attempt.form,
    };
    let shown: Response;
    try {
      shown = await attempt.again(refusal);
    } catch {
      throw error; // the page is about something that does not exist any more
    }
    const answer = status === 401 && error instanceof AuthError
      ? attempt.wrongPasswordStatus ?? 403
      : status;
    const response = new Response(shown.body, { status: answer, headers: shown.headers });
    for (const [name, value] of Object.entries(headers)) response.headers.set(name, value);
    return response;
  }
}
