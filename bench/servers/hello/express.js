import express from "express";
import { announce } from "../announce.js";

const app = express();
app.get("/", (_request, response) => {
  response.type("text/plain").send("Hello World");
});
const server = app.listen(0, "127.0.0.1", () => announce(server));
