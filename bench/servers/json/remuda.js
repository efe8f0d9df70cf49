import { createApp, json } from "../../../dist/index.js";
import { receiptFor } from "./orders.js";

const app = createApp();
app.post("/orders", async (request) => {
  return json(receiptFor(await request.json()), 201);
});

export default app;
