/** A tRPC server of its adapter "standalone". */
import { setTimeout as delay } from "node:timers/promises";
import { initTRPC } from "@trpc/server";
import { createHTTPServer } from "@trpc/server/adapters/standalone";
import { z } from "zod";

const t = initTRPC.create();
const notes = [];

const router = t.router({
  hello: t.procedure
    .input(z.object({ name: z.string() }))
    .query(({ input }) => `hello ${input.name}`),
  slow: t.procedure.query(() => delay(300, "slow")),
  add: t.procedure
    .input(z.object({ text: z.string() }))
    .mutation(({ input }) => notes.push(input.text)),
});

const server = createHTTPServer({
  router,
  createContext: ({ req }) => ({ agent: req.headers["user-agent"] }),
});
server.listen(Number(process.env.PORT ?? 3000));
server.on("listening", () => {
  console.log(`listens on ${server.address().port}`);
});
