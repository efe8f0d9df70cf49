// The smallest app that is worth a curl.
//
//   node dist/cli.js start examples/hello.js
//   curl -i localhost:8080/hello/you
import { createApp, ok } from "remuda";

const app = createApp();

app.get("/", () => ok({ message: "Hello World" }));
app.get("/hello/:name", ({ pathParams }) =>
  ok({ message: `Hello ${pathParams.name}`, pid: process.pid }),
);

await app.run();
