/** Parts of forms. */
import type { Child, FC, JSX } from "hono/jsx";
import { StoreError } from "../../../storage/contract/error.ts";
import type { Entry } from "./entry.ts";
import { LETTERS } from "../../../storage/contract/permission.ts";

interface FieldProps {
  id: string;
  label: string;
  hint?: string | undefined;
  /** Why its content was refused: one sentence, without a final period. */
  wrong?: string | undefined;
  /** Address of the page with the rule that denies it. */
  why?: string | undefined;
  /** The label is for who does not see where the field is. */
  hideLabel?: boolean;
  children?: Child;
}

/** A field with its label, what helps to fill it in, and why it was refused. */
export const Field: FC<FieldProps> = ({ id, label, hint, wrong, why, hideLabel, children }) => (
  <div class="field">
    <label for={id} class={hideLabel ? "visually-hidden" : undefined}>{label}</label>
    {children}
    <Wrong id={`${id}-wrong`} text={wrong} why={why} />
    {hint !== undefined && <span class="hint" id={`${id}-hint`}>{hint}</span>}
  </div>
);

/** The message beside a field. */
const Wrong: FC<{ id: string; text: string | undefined; why: string | undefined }> = (
  { id, text, why },
) =>
  text === undefined ? null : (
    <span class="wrong" id={id} role="alert">
      {text}.<Why href={why} />
    </span>
  );

const Why: FC<{ href: string | undefined }> = ({ href }) =>
  href === undefined ? null : (
    <>
      {" "}
      <a href={href}>What is allowed, and why</a>
    </>
  );

/** The message of a form that belongs to no field. */
export const FormMessage: FC<{ entry: Entry }> = ({ entry }) =>
  entry.message === undefined ? null : (
    <p class="notice bad" role="alert">
      {entry.message}.<Why href={entry.why} />
    </p>
  );

/**
 * A form with passwords. No page contains typed passwords, so the page's script sends it, and gives
 * a refused one its passwords again.
 */
export const SecretForm: FC<{
  /** Address that it is sent to. */
  action: string;
  entry: Entry;
  class?: string;
  children?: Child;
}> = ({ action, entry, class: look = "fields", children }) => (
  <form
    class={look}
    method="post"
    action={action}
    data-stay
    data-refused={entry.refused ? "" : undefined}
  >
    {children}
  </form>
);

interface TextFieldProps extends Omit<FieldProps, "wrong" | "children"> {
  entry: Entry;
  name: string;
  value?: string;
}

/**
 * A field for a line of text. A refused form shows what was typed, but never a password, and begins
 * in the field at fault.
 */
export const TextField: FC<TextFieldProps & Omit<JSX.IntrinsicElements["input"], "value">> = (
  { entry, id, name, label, hint, hideLabel, value = "", autofocus, ...attributes },
) => {
  const wrong = entry.wrong(name);
  const described = [wrong !== undefined && `${id}-wrong`, hint !== undefined && `${id}-hint`]
    .filter(Boolean).join(" ");
  return (
    <Field {...{ id, label, hint, hideLabel: hideLabel ?? false, wrong, why: entry.why }}>
      <input
        id={id}
        name={name}
        value={attributes.type === "password" ? undefined : entry.typed(name) ?? value}
        autofocus={wrong !== undefined || autofocus}
        aria-invalid={wrong === undefined ? undefined : "true"}
        aria-describedby={described === "" ? undefined : described}
        {...attributes}
      />
    </Field>
  );
};

/** A field for an account's name, which a phone neither corrects nor capitalises. */
export const AccountField: FC<{
  entry: Entry;
  /** Also the field's id. */
  name: string;
  label: string;
  hint?: string;
  /** @default "off" */
  autocomplete?: "off" | "username";
  autofocus?: boolean;
}> = ({ name, autocomplete = "off", ...rest }) => (
  <TextField
    {...{ id: name, name, autocomplete, ...rest }}
    required
    autocapitalize="none"
    spellcheck={false}
  />
);

/** Durations: a choice that needs no calendar. */
const TERMS: readonly (readonly [hours: number, text: string])[] = [
  [0, "no end"],
  [1, "an hour"],
  [24, "a day"],
  [24 * 7, "a week"],
  [24 * 30, "30 days"],
  [24 * 365, "a year"],
];

/** Field that asks how long something is to hold, in hours. */
export const TermField: FC<{ id: string; entry: Entry; chosen?: number }> = (
  { id, entry, chosen = 0 },
) => {
  const wanted = entry.typed("hours") ?? String(chosen);
  return (
    <Field id={id} label="Valid for" wrong={entry.wrong("hours")}>
      <select id={id} name="hours">
        {TERMS.map(([hours, text]) => (
          <option value={String(hours)} selected={String(hours) === wanted}>{text}</option>
        ))}
      </select>
    </Field>
  );
};

/**
 * How long was chosen in ms; undefined: no end.
 *
 * @throws {StoreError} `bad-request` for anything else: it must not become one without end
 */
export function termIn(form: FormData): number | undefined {
  const term = TERMS.find(([hours]) => String(hours) === (form.get("hours") ?? "0"));
  if (term === undefined) throw new StoreError("bad-request", "Choose how long it is to hold");
  return term[0] === 0 ? undefined : term[0] * 3600_000;
}

const WORDS = { r: "read", w: "write", c: "make folders", d: "delete", t: "administer" } as const;

/** Checkboxes for permissions. */
export const LetterFields: FC<{
  entry: Entry;
  id: string;
  /** Purpose of the permissions, for screen readers. */
  legend: string;
  letters: string;
  chosen: string;
}> = ({ entry, id, legend, letters, chosen }) => {
  const wrong = entry.wrong("letter");
  const wanted = entry.chosen("letter") ?? [...chosen];
  return (
    <fieldset aria-describedby={wrong === undefined ? undefined : `${id}-wrong`}>
      <legend>{legend}</legend>
      {[...letters].map((letter, i) => {
        const known = letter as keyof typeof WORDS;
        return (
          <label class="choice" title={LETTERS[known]}>
            <input
              type="checkbox"
              name="letter"
              value={letter}
              checked={wanted.includes(letter)}
              autofocus={wrong !== undefined && i === 0}
            />
            {WORDS[known]}
          </label>
        );
      })}
      <Wrong id={`${id}-wrong`} text={wrong} why={entry.why} />
    </fieldset>
  );
};

/** A box that is checked or not. */
export const Choice: FC<{ entry: Entry; name: string; checked?: boolean; children?: Child }> = (
  { entry, name, checked = false, children },
) => (
  <label class="choice">
    <input
      type="checkbox"
      name={name}
      value="yes"
      checked={entry.refused ? entry.typed(name) === "yes" : checked}
    />{" "}
    {children}
  </label>
);

/** The chosen permissions. */
export function lettersIn(form: FormData): string {
  return form.getAll("letter").map(String).join("");
}

/** Permissions with their meaning as text, for users who cannot hover. */
export const Letters: FC<{ letters: string }> = ({ letters }) => (
  <span>
    {letters === ""
      ? "nothing"
      : [...letters].map((l) => WORDS[l as keyof typeof WORDS]).join(", ")}
  </span>
);
