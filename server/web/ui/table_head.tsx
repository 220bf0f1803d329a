/** The headings of a table of cards. */
import type { FC } from "hono/jsx";

/** A heading, or one above numbers. */
export type Heading = string | { readonly number: string };

/** Headings of a table; with `actions` a last column of buttons, named for screen readers alone. */
export const TableHead: FC<{ of: readonly Heading[]; actions?: boolean }> = ({ of, actions }) => (
  <thead>
    <tr>
      {of.map((heading) =>
        typeof heading === "string"
          ? <th scope="col">{heading}</th>
          : <th scope="col" class="number">{heading.number}</th>
      )}
      {actions && (
        <th scope="col">
          <span class="visually-hidden">Actions</span>
        </th>
      )}
    </tr>
  </thead>
);
