import { testsAtOnce } from "../support/at_once.ts";
import { costTest, interruptionTests } from "./interruption.ts";

const test = testsAtOnce();
interruptionTests("silent", test);
costTest("silent");
