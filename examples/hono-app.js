// A Hono app, as it is: with reloads, health and metrics around it.
// It needs the package hono.
//
//   node dist/cli.js start examples/hono-app.js
//   curl localhost:8080/hello/you
//   curl -N localhost:8080/count
import { Hono } from "hono";
import { streamText } from "hono/streaming";
import { serveFetch } from "remuda";

const app = new Hono();

app.get("/hello/:name", (c) =>
  // c.env is the request as the server has it.
  c.json({
    message: `Hello ${c.req.param("name")}`,
    from: c.env.remoteAddress,
  }),
);
app.get("/count", (c) =>
  streamText(c, async (stream) => {
    for (const word of ["one", "two", "three"]) {
      await stream.writeln(word);
      await stream.sleep(10);
    }
  }),
);

// In place of serve(app).
export default serveFetch(app.fetch);
