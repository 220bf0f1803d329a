/** Pages of who is not signed in: sign-in and sign-up. */
import type { FC } from "hono/jsx";
import { Entry, type Refusal } from "../ui/entry.ts";
import { AccountField, FormMessage, SecretForm, TextField } from "../ui/form.tsx";
import { Layout } from "../ui/layout.tsx";

/** Properties of the pages. */
export interface SignInProps {
  /** Where to go then: a path of ours. */
  readonly next: string;
  /** The form, if it was refused. */
  readonly refusal?: Refusal;
  /** Anyone may make an account. */
  readonly allowRegister: boolean;
}

/** The page for signing in. */
export const SignInPage: FC<SignInProps> = (props) => (
  <Layout title="Sign in" width="narrow">
    <form method="post" action="/sign-in" class="card fields">
      <h1>Sign in</h1>
      <Credentials {...props} form="/sign-in" />
      <button type="submit" class="primary">Sign in</button>
      {props.allowRegister && (
        <p>
          <a href={`/sign-up?next=${encodeURIComponent(props.next)}`}>Create an account</a>
        </p>
      )}
    </form>
    <p class="small">
      <a href="/trust">Trust this server's certificate</a>
    </p>
  </Layout>
);

/** The page for signing up. */
export const SignUpPage: FC<SignInProps> = (props) => (
  <Layout title="Create an account" width="narrow">
    <SecretForm action="/sign-up" class="card fields" entry={new Entry("/sign-up", props.refusal)}>
      <h1>Create an account</h1>
      <Credentials {...props} form="/sign-up" />
      <button type="submit" class="primary">Create it and sign in</button>
      <p>
        <a href={`/sign-in?next=${encodeURIComponent(props.next)}`}>Sign in instead</a>
      </p>
    </SecretForm>
  </Layout>
);

const Credentials: FC<SignInProps & { form: "/sign-in" | "/sign-up" }> = (
  { next, refusal, form },
) => {
  const entry = new Entry(form, refusal);
  const known = form === "/sign-in";
  return (
    <>
      <input type="hidden" name="next" value={next} />
      <FormMessage entry={entry} />
      <AccountField
        entry={entry}
        name="username"
        label="User name"
        autocomplete="username"
        autofocus={!entry.refused}
      />
      <TextField
        entry={entry}
        id="password"
        name="password"
        label="Password"
        {...(known ? {} : { hint: "8 bytes or more", minlength: 8 })}
        type="password"
        autocomplete={known ? "current-password" : "new-password"}
        required
      />
    </>
  );
};
