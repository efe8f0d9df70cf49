// The app under attack: it says hello, speaks to its parent as it is told to,
// and throws what it is told to.
import { createApp, logging, ok, stream, text } from "remuda";
import { MESSAGES } from "./messages.js";
import { THROWN } from "./thrown.js";

const app = createApp();
if (process.env.ATTACK_ACCESS_LOG) app.use(logging());

app.get("/", () => text("hello"));
app.get("/pid", () => text(String(process.pid)));
app.get("/tell/:number", ({ pathParams }) => {
  process.send(MESSAGES[pathParams.number % MESSAGES.length]);
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

// biome-ignore lint/correctness/useYield: it fails before it has anything
async function* failing(name) {
  throw THROWN[name]();
}

export default app;
