/** `node:http`; it keeps idle connections as long as Remuda does. */
import { createServer } from "node:http";
import { announce } from "../../../servers/announce.js";

// Five seconds, its default, are over before there are 10,000 of them.
const options = { keepAliveTimeout: 75_000 };
const server = createServer(options, (_request, response) => {
  response.writeHead(200, {
    "Content-Type": "text/plain; charset=utf-8",
    "Content-Length": 11,
  });
  response.end("Hello World");
});
server.listen(0, "127.0.0.1", () => announce(server));
