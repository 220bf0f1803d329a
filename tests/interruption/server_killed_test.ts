import { costTest, interruptionTests } from "./interruption.ts";

interruptionTests("server killed");
costTest("server killed");
