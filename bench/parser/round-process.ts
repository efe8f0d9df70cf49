/** One round in a process of its own; what it measured goes to stdout. */
import { count } from "../count.ts";
import { measureRound } from "./measure-round.ts";

const [warmup = "", millis = ""] = process.argv.slice(2);
const effort = {
  warmupMs: count("warmup", warmup),
  millis: count("millis", millis),
};
process.stdout.write(JSON.stringify(measureRound(effort)));
