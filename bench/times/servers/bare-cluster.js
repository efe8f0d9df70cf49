/** What Node has by itself: a worker that dies is forked anew. */
import cluster from "node:cluster";
import { createServer } from "node:http";
import { ready } from "./ready.js";

if (cluster.isPrimary) {
  cluster.on("exit", () => cluster.fork());
  for (let worker = 0; worker < 2; worker++) cluster.fork();
} else {
  const server = createServer((_request, response) => {
    response.end("Hello World");
  });
  server.listen(Number(process.env.PORT), "127.0.0.1", ready);
}
