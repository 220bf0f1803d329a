/** The pages: everything that is for people and not for programs. */
import type { Register, WebServices } from "../env.ts";
import { signedIn } from "../session_cookie.ts";
import { Layout, page } from "../ui/layout.tsx";

export const registerPages: Register = (app, _services: WebServices) => {
  app.get("/", (c) => {
    const session = signedIn(c);
    return page(c, <Layout title="Files" session={session} />);
  });
};
