/** Schemas of the values that requests of the HTTP API give: in their address, in a JSON body. */
import * as v from "valibot";
import { parseSignedDecimal } from "../../../common/decimal.ts";

/** Values of the address, by name. Those of other names are ignored. */
export type QuerySchema = v.ObjectSchema<v.ObjectEntries, undefined>;

/** Members of a JSON body. Others are refused. */
export type BodySchema = v.StrictObjectSchema<v.ObjectEntries, undefined>;

/** Effects of a file that is there already. */
export const IF_EXISTS = ["version", "overwrite", "skip", "fail"] as const;

/** Permission bits as `chmod` writes them, or nothing. */
export const MODE = /^(0?[0-7]{3})?$/;
/** Message for an invalid {@linkcode MODE}. */
export const MODE_MESSAGE = "must be three octal digits, as in 644";

/** Text without half a surrogate pair, which no name and no label may hold. */
const wellFormed = v.pipe(
  v.string("must be a string"),
  v.check((text) => text.isWellFormed(), "must be valid Unicode text"),
);
const integer = v.pipe(
  v.number("must be an integer"),
  v.integer("must be an integer"),
  v.minValue(Number.MIN_SAFE_INTEGER, "must be at least -(2^53-1)"),
  v.maxValue(Number.MAX_SAFE_INTEGER, "must be at most 2^53-1"),
);
const boolean = v.boolean("must be true or false");

/** A text; the summary is for the OpenAPI description. */
export const text = (summary: string) => v.pipe(wellFormed, v.description(summary));

/** An integer that JSON can carry exactly. */
export const whole = (summary: string) => v.pipe(integer, v.description(summary));

/** A boolean of a JSON body. */
export const flag = (summary: string) => v.pipe(boolean, v.description(summary));

/** One of several texts. */
export const choice = <const T extends readonly string[]>(choices: T, summary: string) =>
  v.pipe(v.picklist(choices, `must be one of ${choices.join(", ")}`), v.description(summary));

/** An integer of the address. */
export const wholeInQuery = (summary: string) =>
  v.pipe(
    v.string(),
    v.transform(parseSignedDecimal),
    integer,
    v.description(summary),
  );

/** A switch of the address: given without a value, or as `true` or `false`. */
export const switchInQuery = (summary: string) =>
  v.pipe(
    v.string(),
    v.transform((value) => value === "" || value === "true" || (value === "false" ? false : value)),
    v.boolean('must be "true" or "false"'),
    v.description(summary),
  );

/** Permission bits of the address as `chmod` writes them. */
export const modeInQuery = (summary: string) =>
  v.pipe(
    v.string(),
    v.regex(MODE, MODE_MESSAGE),
    v.description(summary),
  );
