import { announcePort } from "../announce.js";
import { receiptFor } from "./orders.js";

const server = Bun.serve({
  hostname: "127.0.0.1",
  port: 0,
  routes: {
    "/orders": {
      POST: async (request) => {
        return Response.json(receiptFor(await request.json()), { status: 201 });
      },
    },
  },
});
announcePort(server.port);
