/**
 * The path below which pages are reached (`--web-base-path`), for the rendering of one page.
 * Addresses in pages are written without it: the elements that hold them add it
 * (`jsx_runtime.ts`).
 */
import { createContext, useContext } from "hono/jsx";

/** The context of a page that has the path: empty, or `/a` without a slash at its end. */
export const BasePath = createContext("");

/** The path, for a component that writes an address into text. */
export function useBasePath(): string {
  return useContext(BasePath);
}

/** An address in an attribute. The path is added when the page is rendered. */
export class Address {
  /** @param address path of a page, without the base path */
  constructor(private readonly address: string) {}

  toString(): string {
    return useBasePath() + this.address;
  }
}
