/** The bits of a mode that are kept: read, write and execute, for owner, group and others. */
export const MODE_BITS = 0o777;
