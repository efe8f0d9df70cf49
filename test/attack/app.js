// The attacked app: it sends messages to its parent and throws values on
// request.
import { writeSync } from "node:fs";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { createApp, logging, ok, stream, text } from "remuda";
import { MESSAGES } from "./messages.js";
import { THROWN } from "./thrown.js";

const WAYS = ["internal", "envelope", "bytes"];
/** Descriptor of the channel to the master in a process that Node forks. */
const CHANNEL_FD = 3;

// Memory is measured after a collection, to tell a leak from garbage.
setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc");
process.on("SIGUSR2", () => collectGarbage());

const app = createApp();
if (process.env.ATTACK_ACCESS_LOG) app.use(logging());

app.get("/", () => text("hello"));
app.get("/pid", () => text(String(process.pid)));
app.get("/tell/:number", ({ pathParams }) => {
  process.send(messageOf(pathParams));
  return text("told");
});
/** Sends past the code that keeps an app's messages in its process. */
app.get("/smuggle/:number", ({ pathParams }) => {
  const message = messageOf(pathParams);
  const [way] = WAYS.splice(0, 1);
  WAYS.push(way);
  if (way === "internal") process._send(message);
  if (way === "envelope") process._send({ cmd: "NODE_REMUDA", message });
  if (way === "bytes") writeSync(CHANNEL_FD, `${JSON.stringify(message)}x\n`);
  return text("told");
});

app.get("/throw", () => ok(Object.keys(THROWN)));
app.get("/throw/:name", ({ pathParams }) => {
  throw THROWN[pathParams.name]();
});
app.get("/reject/:name", async ({ pathParams }) => {
  await null;
  throw THROWN[pathParams.name]();
});
app.get("/stream/:name", ({ pathParams }) => {
  return stream(failing(pathParams.name), "text/plain");
});
app.router.group("/middleware/:name", (group) => {
  group.use(({ pathParams }) => {
    throw THROWN[pathParams.name]();
  });
  group.get("/", () => text("never"));
});

function messageOf({ number }) {
  return MESSAGES[number % MESSAGES.length];
}

// biome-ignore lint/correctness/useYield: it fails before it has anything
async function* failing(name) {
  throw THROWN[name]();
}

export default app;
