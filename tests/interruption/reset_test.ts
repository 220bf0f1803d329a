import { costTest, interruptionTests } from "./interruption.ts";

interruptionTests("reset");
costTest("reset");
