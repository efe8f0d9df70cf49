/** A Hono app for its server for Node, whose versions are called alike. */
import { setTimeout as delay } from "node:timers/promises";
import { Hono } from "hono";
import { streamSSE } from "hono/streaming";

const app = new Hono();

app.get("/", (context) => context.json({ hello: "world" }));

app.get("/slow", async (context) => {
  await delay(300);
  return context.text("slow");
});

app.post("/upload", async (context) => {
  const { byteLength: bytes } = await context.req.arrayBuffer();
  return context.json({ bytes });
});

app.get("/events", (context) =>
  streamSSE(context, async (stream) => {
    for (let id = 0; id < 5; id++) {
      await stream.writeSSE({ id: String(id), data: `event ${id}` });
      await stream.sleep(20);
    }
  }),
);

/** Listens by the `serve()` of a version, and ends by a signal. */
export function run(serve) {
  const server = serve(
    { fetch: app.fetch, port: Number(process.env.PORT ?? 3000) },
    ({ port }) => console.log(`listens on ${port}`),
  );

  process.on("SIGINT", () => {
    server.close();
    process.exit(0);
  });
  process.on("SIGTERM", () => {
    server.close((error) => {
      if (error) console.error(error);
      process.exit(error ? 1 : 0);
    });
  });
}
