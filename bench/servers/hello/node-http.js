/** The peer that everybody has: `node:http` without a framework. */
import { createServer } from "node:http";
import { announce } from "../announce.js";

const server = createServer((_request, response) => {
  response.writeHead(200, {
    "Content-Type": "text/plain; charset=utf-8",
    "Content-Length": 11,
  });
  response.end("Hello World");
});
server.listen(0, "127.0.0.1", () => announce(server));
