/** A form that was refused: its page shows it again with the typed text and the message. */
export interface Refusal {
  /** Address that the form is sent to, which names it among the forms of its page. */
  readonly form: string;
  /** Name of the field at fault; undefined if it is none alone. */
  readonly field: string | undefined;
  /** One sentence, without a final period. */
  readonly detail: string;
  /** Address of the page with the rule that denies it. */
  readonly why?: string | undefined;
  readonly typed: FormData;
}

/** Values and messages of one form: the defaults of its page, or those of a refusal. */
export class Entry {
  readonly #refusal: Refusal | undefined;

  /**
   * @param form address that the form is sent to
   * @param refusal error of the last form sent from the page, this one or another
   */
  constructor(form: string, refusal: Refusal | undefined) {
    this.#refusal = refusal?.form === form ? refusal : undefined;
  }

  /** Whether the form was sent and refused. */
  get refused(): boolean {
    return this.#refusal !== undefined;
  }

  /** The message that belongs to no field. */
  get message(): string | undefined {
    return this.#refusal?.field === undefined ? this.#refusal?.detail : undefined;
  }

  /** Address of the page with the rule that denies it. */
  get why(): string | undefined {
    return this.#refusal?.why;
  }

  /** The message beside a field. */
  wrong(field: string): string | undefined {
    return this.#refusal?.field === field ? this.#refusal.detail : undefined;
  }

  /** Text that was typed into a field; undefined in a form that was not sent. */
  typed(field: string): string | undefined {
    const value = this.#refusal?.typed.get(field);
    return typeof value === "string" ? value : undefined;
  }

  /** Values that were chosen of a group of boxes; undefined in a form that was not sent. */
  chosen(field: string): string[] | undefined {
    return this.#refusal?.typed.getAll(field).map(String);
  }
}
