import { Readable } from "node:stream";
import Fastify from "fastify";
import { announce } from "../announce.js";
import { KIB_64, MIB_10, pieces } from "./content.js";

const TYPE = "application/octet-stream";

const app = Fastify();
// As it comes: the handler reads it.
app.addContentTypeParser(TYPE, (_request, payload, done) => {
  done(null, payload);
});
app.get("/64k", (_request, reply) => {
  reply.type(TYPE).send(KIB_64);
});
app.get("/10m", (_request, reply) => {
  reply.type(TYPE).send(MIB_10);
});
app.get("/10m/streamed", (_request, reply) => {
  reply
    .type(TYPE)
    .header("Content-Length", MIB_10.length)
    .send(Readable.from(pieces(MIB_10)));
});
app.post("/upload", (request, reply) => {
  let bytes = 0;
  request.body.on("data", (chunk) => {
    bytes += chunk.length;
  });
  request.body.on("end", () => reply.send({ bytes }));
});
await app.listen({ host: "127.0.0.1", port: 0 });
announce(app.server);
