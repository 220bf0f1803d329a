/** Whole percent, 100 only where all is there. */
export function percent(part: number, whole: number): number {
  return whole === 0 ? 100 : Math.floor(part * 100 / whole);
}
