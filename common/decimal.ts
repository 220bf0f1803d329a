/** Decimal integers that strangers write, of any number of digits. */

const DIGITS = /^[0-9]+$/;

/**
 * Reads an integer from 0 to 2^53-1. Leading zeros are allowed; a sign, spaces, a fraction or an
 * exponent are not.
 *
 * @returns undefined for anything else, a larger integer included
 */
export function parseDecimal(text: string): number | undefined {
  const value = DIGITS.test(text) ? Number(text) : NaN;
  return Number.isSafeInteger(value) ? value : undefined;
}

/** Parses decimal digits with an optional minus, from -(2^53-1) on; undefined otherwise. */
export function parseSignedDecimal(text: string): number | undefined {
  if (!text.startsWith("-")) return parseDecimal(text);
  const value = parseDecimal(text.slice(1));
  return value === undefined ? undefined : 0 - value;
}

/**
 * Parses an integer that is only compared with a smaller one.
 *
 * @returns Infinity for one above 2^53-1; undefined for other text
 */
export function parseDecimalBound(text: string): number | undefined {
  return DIGITS.test(text) ? parseDecimal(text) ?? Infinity : undefined;
}
