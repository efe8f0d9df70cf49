import express from "express";
import { announce } from "../announce.js";
import { receiptFor } from "./orders.js";

const app = express();
app.post("/orders", express.json(), ({ body }, response) => {
  response.status(201).json(receiptFor(body));
});
const server = app.listen(0, "127.0.0.1", () => announce(server));
