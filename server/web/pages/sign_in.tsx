/** Sign-in, sign-up and sign-out: forms that work without a script. */
import type { Origin } from "../../auth/origin.ts";
import type { Register, WebContext } from "../request/env.ts";
import { beginSession, endSession } from "../session/session_cookie.ts";
import { attempt } from "./attempt.ts";
import { formOf } from "../request/form_body.ts";
import { newPasswordIn, textIn } from "./forms.ts";
import { SignInPage, SignUpPage } from "./sign_in_page.tsx";
import { page } from "../ui/layout.tsx";

/** Registers the routes for signing in, up and out. */
export const registerSignIn: Register = (app, services) => {
  const { allowRegister } = services.accounts.rules;

  app.get("/sign-in", (c) => {
    const next = ownPath(c.req.query("next"));
    if (c.var.session) return c.redirect(next, 303);
    return page(c, <SignInPage next={next} allowRegister={allowRegister} />);
  });

  app.post("/sign-in", async (c) => {
    const form = await formOf(c);
    const { username, password, next } = fields(form);
    return await attempt(c, {
      form,
      fields: { "signed-out": "password" },
      wrongPasswordStatus: 401,
      async run() {
        const origin = newOrigin(c);
        const account = await services.authenticator.login(username, password, origin);
        await beginSession(services, c, account, origin.sessionId);
        return c.redirect(next, 303);
      },
      again: (refusal) => page(c, <SignInPage {...{ next, allowRegister, refusal }} />),
    });
  });

  app.get("/sign-up", (c) => {
    const next = ownPath(c.req.query("next"));
    if (c.var.session || !allowRegister) return c.redirect(next, 303);
    return page(c, <SignUpPage next={next} allowRegister />);
  });

  app.post("/sign-up", async (c) => {
    const form = await formOf(c);
    const { username, next } = fields(form);
    return await attempt(c, {
      form,
      fields: { exists: "username", "bad-name": "username" },
      async run() {
        const origin = newOrigin(c);
        if (allowRegister) await newPasswordIn(form, "password");
        const { password } = fields(form);
        await services.accounts.register(username, password, origin);
        const account = await services.authenticator.login(username, password, origin);
        await beginSession(services, c, account, origin.sessionId);
        return c.redirect(next, 303);
      },
      again: (refusal) => page(c, <SignUpPage {...{ next, allowRegister, refusal }} />),
    });
  });

  app.post("/sign-out", async (c) => {
    await endSession(services, c);
    c.header("clear-site-data", '"cache"');
    return c.redirect("/sign-in", 303);
  });
};

function fields(form: FormData) {
  return {
    username: textIn(form, "username").trim(),
    password: textIn(form, "password"),
    next: ownPath(textIn(form, "next")),
  };
}

/** A login is a session of its own from its first moment. */
function newOrigin(c: WebContext): Origin {
  return { address: c.env.address, door: "web", sessionId: crypto.randomUUID() };
}

/** A path of this server; never one of another, however it is written. */
function ownPath(text: string | undefined): string {
  if (text === undefined || !text.startsWith("/")) return "/";
  try {
    const base = "https://own.invalid";
    const url = new URL(text, base);
    return url.origin === base && !url.pathname.startsWith("//") ? url.pathname + url.search : "/";
  } catch {
    return "/";
  }
}
