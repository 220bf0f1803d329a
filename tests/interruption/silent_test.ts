import { testsAtOnce } from "../support/at_once.ts";
import { costTest, interruptionTests } from "./interruption.ts";

const test = testsAtOnce();
interruptionTests("silent", test);
costTest("silent"); // after the others: it counts bytes, and a busy machine is silent itself
