/** Passwords cost less than a millisecond to hash, in the thread that imports this module. */
import { COST } from "../../../common/secrets.ts";

Object.assign(COST, { ln: 6, r: 8, p: 1 });
