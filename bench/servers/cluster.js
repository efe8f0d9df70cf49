/** `node:cluster` as Node has it, round robin: `cluster.js SCRIPT WORKERS`. */
import cluster from "node:cluster";
import { announcePort } from "./announce.js";

const [exec, workers] = process.argv.slice(2);
let listening = 0;

cluster.schedulingPolicy = cluster.SCHED_RR;
// What the workers say about themselves is not needed.
const stdio = ["ignore", "ignore", "inherit", "ipc"];
cluster.setupPrimary({ exec, args: [], stdio });
cluster.on("listening", (_worker, { port }) => {
  if (++listening === Number(workers)) announcePort(port);
});
for (let count = 0; count < Number(workers); count++) cluster.fork();
