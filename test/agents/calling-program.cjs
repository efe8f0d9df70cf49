// A Fastify program, which calls UPSTREAM_URL.
const fastify = require("fastify");

const { UPSTREAM_URL, PROGRAM_PORT } = process.env;

const app = fastify();
app.get("/users/:id", async () => {
  const called = await fetch(UPSTREAM_URL);
  return { called: await called.text() };
});
app.listen({ port: Number(PROGRAM_PORT), host: "127.0.0.1" });
