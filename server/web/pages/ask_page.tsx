/** The page that asks before something ends. */
import type { Child, FC } from "hono/jsx";
import type { WebContext } from "../request/env.ts";
import { CsrfField, Layout, page, type Section } from "../ui/layout.tsx";
import type { WebSession } from "../request/web_session.ts";

/** A question, and the form that is sent again with the answer. */
export interface Question {
  readonly section: Section;
  readonly heading: string;
  /** Consequences: one sentence or more. */
  readonly text: Child;
  /** Label of the button that confirms. */
  readonly yes: string;
  /** Where the other button leads. */
  readonly back: string;
}

const AskPage: FC<
  Question & { session: WebSession | undefined; action: string; form: FormData }
> = ({ section, heading, text, yes, back, session, action, form }) => (
  <Layout title={yes} {...{ session, section, address: back }} width="reading">
    <form class="card danger" method="post" action={action}>
      <h1>{heading}</h1>
      <p>{text}</p>
      <CsrfField session={session} />
      {[...form].map(([name, value]) =>
        name === "csrf" ? null : <input type="hidden" name={name} value={String(value)} />
      )}
      <div class="row">
        <button type="submit" name="confirmed" value="yes" class="danger primary">{yes}</button>
        <a class="button" href={back}>Keep</a>
      </div>
    </form>
  </Layout>
);

/** The reply to a form that ends something and is not confirmed yet; undefined once it is. */
export function askFirst(
  c: WebContext,
  form: FormData,
  question: Question,
): Response | Promise<Response> | undefined {
  if (form.get("confirmed") === "yes") return undefined;
  const { pathname } = new URL(c.req.url);
  const props = { session: c.var.session, action: pathname, form, ...question };
  return page(c, <AskPage {...props} />);
}
