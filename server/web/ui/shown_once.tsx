/** A secret that is shown once, right after it was made. */
import type { FC } from "hono/jsx";

/**
 * The secret, with a button that copies it and one that leaves the page.
 *
 * @param props `copy` is the text of the button that copies, `done` the address to go on to
 */
export const ShownOnce: FC<{ text: string; copy: string; done: string }> = (
  { text, copy, done },
) => (
  <>
    <code class="secret">{text}</code>
    <div class="row">
      <button type="button" class="primary" data-copy={text} hidden>{copy}</button>
      <a class="button" href={done}>Done</a>
    </div>
  </>
);
