/** Sign-in, sign-up and sign-out: forms that work without a script. */
import type { FC } from "hono/jsx";
import { isStoreError } from "../../storage/contract/error.ts";
import { AuthError } from "../auth/authenticator.ts";
import type { Origin } from "../auth/origin.ts";
import { assertSmall } from "./cross_site.ts";
import type { Register, WebContext } from "./env.ts";
import { problemOf } from "./failure.ts";
import { beginSession, endSession } from "./session_cookie.ts";
import { SignInPage, type SignInProps, SignUpPage } from "./sign_in_page.tsx";
import { page } from "./ui/layout.tsx";

export const registerSignIn: Register = (app, services) => {
  const { allowRegister } = services.accounts.rules;

  app.get("/sign-in", (c) => {
    const next = ownPath(c.req.query("next"));
    if (c.var.session) return c.redirect(next, 303);
    return page(c, <SignInPage next={next} allowRegister={allowRegister} />);
  });

  app.post("/sign-in", async (c) => {
    const { username, password, next } = await fields(c);
    const origin = newOrigin(c);
    try {
      const account = await services.authenticator.login(username, password, origin);
      await beginSession(services, c, account, origin.sessionId);
      return c.redirect(next, 303);
    } catch (error) {
      return refused(c, error, SignInPage, { username, next, allowRegister });
    }
  });

  app.get("/sign-up", (c) => {
    const next = ownPath(c.req.query("next"));
    if (c.var.session || !allowRegister) return c.redirect(next, 303);
    return page(c, <SignUpPage next={next} allowRegister />);
  });

  app.post("/sign-up", async (c) => {
    const { username, password, next } = await fields(c);
    const origin = newOrigin(c);
    try {
      await services.accounts.register(username, password, origin);
      const account = await services.authenticator.login(username, password, origin);
      await beginSession(services, c, account, origin.sessionId);
      return c.redirect(next, 303);
    } catch (error) {
      return refused(c, error, SignUpPage, { username, next, allowRegister });
    }
  });

  app.post("/sign-out", async (c) => {
    await endSession(services, c);
    c.header("clear-site-data", '"cache"');
    return c.redirect("/sign-in", 303);
  });
};

/** Shows the form again, with the sentence that says why. */
function refused(
  c: WebContext,
  error: unknown,
  Form: FC<SignInProps>,
  props: SignInProps,
): Response | Promise<Response> {
  const expected = error instanceof AuthError ||
    isStoreError(error, "bad-name", "bad-request", "denied", "exists", "session-over");
  if (!expected) throw error;
  const { status, detail, headers } = problemOf(error);
  return page(c, <Form {...props} failure={detail} />, status, headers);
}

async function fields(c: WebContext) {
  await assertSmall(c);
  const form = await c.req.parseBody();
  const text = (name: string) => typeof form[name] === "string" ? form[name] : "";
  return {
    username: text("username").trim(),
    password: text("password"),
    next: ownPath(text("next")),
  };
}

/** A login is a session of its own from its first moment. */
function newOrigin(c: WebContext): Origin {
  return { address: c.env.address, door: "web", sessionId: crypto.randomUUID() };
}

/** A path of this server; never one of another, however it is written. */
export function ownPath(text: string | undefined): string {
  if (text === undefined || !text.startsWith("/")) return "/";
  try {
    const base = "https://own.invalid";
    const url = new URL(text, base);
    return url.origin === base && !url.pathname.startsWith("//") ? url.pathname + url.search : "/";
  } catch {
    return "/";
  }
}
