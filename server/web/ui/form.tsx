/** Parts of forms. */
import type { Child, FC } from "hono/jsx";
import { StoreError } from "../../../storage/contract/error.ts";
import { LETTERS } from "../../../storage/contract/permission.ts";

/** A field with its label, and what helps to fill it in. */
export const Field: FC<{ id: string; label: string; hint?: string; children?: Child }> = (
  { id, label, hint, children },
) => (
  <div class="field">
    <label for={id}>{label}</label>
    {children}
    {hint !== undefined && <span class="hint" id={`${id}-hint`}>{hint}</span>}
  </div>
);

/** How long something is to hold: a choice that needs no calendar. */
const TERMS: readonly (readonly [hours: number, text: string])[] = [
  [0, "no end"],
  [1, "an hour"],
  [24, "a day"],
  [24 * 7, "a week"],
  [24 * 30, "30 days"],
  [24 * 365, "a year"],
];

/** Field that asks how long something is to hold, in hours. */
export const TermField: FC<{ id: string; chosen?: number }> = ({ id, chosen = 0 }) => (
  <Field id={id} label="Valid for">
    <select id={id} name="hours">
      {TERMS.map(([hours, text]) => (
        <option value={String(hours)} selected={hours === chosen}>{text}</option>
      ))}
    </select>
  </Field>
);

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

/** Boxes for permission letters. */
export const LetterFields: FC<{
  /** What they are for, for who does not see where they stand. */
  legend: string;
  letters: string;
  chosen: string;
}> = ({ legend, letters, chosen }) => (
  <fieldset>
    <legend>{legend}</legend>
    {[...letters].map((letter) => {
      const known = letter as keyof typeof WORDS;
      return (
        <label class="choice" title={LETTERS[known]}>
          <input type="checkbox" name="letter" value={letter} checked={chosen.includes(letter)} />
          {WORDS[known]}
        </label>
      );
    })}
  </fieldset>
);

/** The letters that were chosen. */
export function lettersIn(form: FormData): string {
  return form.getAll("letter").map(String).join("");
}

/** Letters with what they stand for, for who cannot hover. */
export const Letters: FC<{ letters: string }> = ({ letters }) => (
  <span>
    {letters === ""
      ? "nothing"
      : [...letters].map((l) => WORDS[l as keyof typeof WORDS]).join(", ")}
  </span>
);
