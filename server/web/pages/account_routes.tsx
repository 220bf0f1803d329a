/** The own account. */
import { isStoreError, StoreError } from "../../../storage/contract/error.ts";
import { AuthError } from "../../auth/authenticator.ts";
import type { Register } from "../env.ts";
import { problemOf } from "../failure.ts";
import { renewSession, signedIn } from "../session_cookie.ts";
import { lettersIn, termIn } from "../ui/form.tsx";
import { page } from "../ui/layout.tsx";
import type { WebSession } from "../web_session.ts";
import { AccountPage, MadeTokenPage } from "./account_page.tsx";
import { doneAt, toastOf } from "./done.ts";
import { formOf, textIn } from "./forms.ts";

export const registerAccount: Register = (app, services) => {
  app.get("/account", async (c) => {
    const session = signedIn(c);
    return page(c, <AccountPage {...await factsOf(session)} toast={toastOf(c)} />);
  });

  app.post("/account/password", async (c) => {
    const session = signedIn(c);
    const form = await formOf(c);
    const passwords = { old: textIn(form, "old"), new: textIn(form, "new") };
    try {
      if (passwords.new !== textIn(form, "again")) {
        throw new StoreError("bad-request", "The new password was not typed the same twice");
      }
      await services.accounts.changePassword(session.view, passwords, session.origin);
    } catch (error) {
      if (!(error instanceof AuthError || isStoreError(error, "bad-request"))) throw error;
      const { status, detail, headers } = problemOf(error);
      const props = { ...await factsOf(session), toast: undefined, failure: detail };
      // 401 would say that the session is over, which it is not.
      return page(c, <AccountPage {...props} />, status === 401 ? 403 : status, headers);
    }
    await renewSession(services, c);
    return doneAt(c, "/account", "password");
  });

  app.post("/account/tokens", async (c) => {
    const session = signedIn(c);
    const form = await formOf(c);
    const ttlMs = termIn(form);
    const { record, secret } = await session.view.tokens.make({
      label: textIn(form, "label"),
      letters: lettersIn(form),
      path: session.view.resolve("/", textIn(form, "path") || "/"),
      ...(ttlMs !== undefined && { ttlMs }),
    });
    return page(c, <MadeTokenPage session={session} token={record} secret={secret} />, 201);
  });

  app.post("/account/tokens/revoke", async (c) => {
    const { view } = signedIn(c);
    await view.tokens.revoke(textIn(await formOf(c), "id"));
    return doneAt(c, "/account", "revoked");
  });

  app.post("/account/browsers/end", async (c) => {
    const { view } = signedIn(c);
    await view.browsers.end(textIn(await formOf(c), "id"));
    return doneAt(c, "/account", "signedout");
  });
};

async function factsOf(session: WebSession) {
  const { view } = session;
  return {
    session,
    letters: await view.permissions.letters(),
    usage: await view.account.usage(),
    tokens: await view.tokens.list(),
    browsers: await view.browsers.list(),
  };
}
