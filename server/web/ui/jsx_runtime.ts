/**
 * Makes the elements of pages (`jsxImportSource` in deno.json): those of Hono, whose addresses are
 * below `--web-base-path`. A page can therefore not forget it.
 */
import { jsx as element } from "hono/jsx/jsx-runtime";
import { Address } from "./base_path.ts";

export { Fragment } from "hono/jsx/jsx-runtime";
export type { JSX } from "hono/jsx/jsx-runtime";

/** Attributes with an address that a browser or a script of the page goes to. */
export const ADDRESS_ATTRIBUTES = [
  "href",
  "src",
  "action",
  "formaction",
  "data-live",
  "data-address",
] as const;

type Jsx = typeof element;

/** Makes an element, or what a component renders. */
export const jsx: Jsx = (tag, props, key) =>
  element(tag, typeof tag === "string" ? withAddresses(props) : props, key);

/** As {@linkcode jsx}, for several children. */
export const jsxs: Jsx = jsx;

function withAddresses(props: Record<string, unknown>): Record<string, unknown> {
  let changed = props;
  for (const name of ADDRESS_ATTRIBUTES) {
    const value = props[name];
    if (typeof value !== "string" || !value.startsWith("/")) continue;
    if (changed === props) changed = { ...props };
    changed[name] = new Address(value);
  }
  return changed;
}
