/** With the instrumentation that makes spans of its requests. */
import { createRequire } from "node:module";
import { announce } from "../announce.js";
import { instrumentHttp } from "./sdk.js";

instrumentHttp();
// Only what is required is instrumented without a hook for ES modules.
const { createServer } = createRequire(import.meta.url)("node:http");

const server = createServer((_request, response) => {
  response.writeHead(200, {
    "Content-Type": "text/plain; charset=utf-8",
    "Content-Length": 11,
  });
  response.end("Hello World");
});
server.listen(0, "127.0.0.1", () => announce(server));
