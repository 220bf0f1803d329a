/** Pages of who is not signed in: sign-in and sign-up. */
import type { FC } from "hono/jsx";
import { Field } from "./ui/form.tsx";
import { Layout } from "./ui/layout.tsx";

/** What the pages show. */
export interface SignInProps {
  /** Where to go then: a path of ours. */
  readonly next: string;
  /** The name that was typed. */
  readonly username?: string | undefined;
  /** Why it did not work: one sentence, without a final period. */
  readonly failure?: string | undefined;
  /** Anyone may make an account. */
  readonly allowRegister: boolean;
}

export const SignInPage: FC<SignInProps> = (props) => (
  <Layout title="Sign in" width="narrow">
    <form method="post" action="/sign-in" class="card fields">
      <h1>Sign in</h1>
      <Failure failure={props.failure} />
      <Credentials {...props} newAccount={false} />
      <button type="submit" class="primary">Sign in</button>
      {props.allowRegister && (
        <p>
          <a href={`/sign-up?next=${encodeURIComponent(props.next)}`}>Make an account</a>
        </p>
      )}
    </form>
  </Layout>
);

export const SignUpPage: FC<SignInProps> = (props) => (
  <Layout title="Make an account" width="narrow">
    <form method="post" action="/sign-up" class="card fields">
      <h1>Make an account</h1>
      <Failure failure={props.failure} />
      <Credentials {...props} newAccount />
      <button type="submit" class="primary">Make it and sign in</button>
      <p>
        <a href={`/sign-in?next=${encodeURIComponent(props.next)}`}>Sign in instead</a>
      </p>
    </form>
  </Layout>
);

const Failure: FC<{ failure: string | undefined }> = ({ failure }) =>
  failure === undefined ? null : <p role="alert" class="notice bad">{failure}.</p>;

const Credentials: FC<SignInProps & { newAccount: boolean }> = ({ next, username, newAccount }) => (
  <>
    <input type="hidden" name="next" value={next} />
    <Field id="username" label="User name">
      <input
        id="username"
        name="username"
        value={username ?? ""}
        autocomplete="username"
        autocapitalize="none"
        spellcheck={false}
        required
        autofocus={!username}
      />
    </Field>
    <Field id="password" label="Password">
      <input
        id="password"
        name="password"
        type="password"
        autocomplete={newAccount ? "new-password" : "current-password"}
        minlength={newAccount ? 8 : undefined}
        required
        autofocus={!!username}
      />
    </Field>
  </>
);
