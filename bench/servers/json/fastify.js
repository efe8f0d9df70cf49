import Fastify from "fastify";
import { announce } from "../announce.js";
import { receiptFor } from "./orders.js";

const app = Fastify();
app.post("/orders", ({ body }, reply) => {
  reply.code(201).send(receiptFor(body));
});
await app.listen({ host: "127.0.0.1", port: 0 });
announce(app.server);
