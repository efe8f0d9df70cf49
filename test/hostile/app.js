// App for well-behaved and hostile clients.
import { createApp, ok, stream, text } from "remuda";

const LARGE = "x".repeat(256 * 1024);
const PIECE = Buffer.alloc(16 * 1024, "x");

async function* endless() {
  for (;;) yield PIECE;
}

const app = createApp();
app.get("/", () => text("hello"));
app.get("/large", () => text(LARGE));
app.get("/endless", () => stream(endless()));
app.post("/upload", async (request) => {
  let bytes = 0;
  for await (const chunk of request.body) bytes += chunk.length;
  return ok({ bytes });
});
app.post("/collect", async (request) => {
  const body = await request.body.bytes();
  return ok({ bytes: body.length });
});
// Waits forever and does not read the body.
app.post("/ignore", async (request) => {
  const { signal } = request;
  await new Promise((resolve) => signal.addEventListener("abort", resolve));
  return text("nobody waits for it");
});
// Memory in use; --expose-gc excludes garbage.
app.get("/memory", () => {
  globalThis.gc?.();
  return ok(process.memoryUsage());
});

export default app;
