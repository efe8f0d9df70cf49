// An Express app in an app of Remuda. Each of them calls UPSTREAM_URL.
const express = require("express");

const { UPSTREAM_URL } = process.env;

const users = express.Router();
users.get("/:id", (request, response) => response.send(request.params.id));
users.post("/:id", async (request, response) => {
  const called = await fetch(UPSTREAM_URL);
  response.json({ body: request.body, called: await called.text() });
});

const app = express();
app.post("/listened", (request, response) => {
  request.resume().on("end", async () => {
    const called = await fetch(UPSTREAM_URL);
    response.send(await called.text());
  });
});
app.use(express.json());
app.use("/users", users);

module.exports = async () => {
  const { createApp, HttpResponse, nodeHandler, serveNode, text } =
    await import("../../dist/index.js");
  async function* called() {
    yield "called: ";
    const response = await fetch(UPSTREAM_URL);
    yield await response.text();
  }
  if (process.env.IS_PART === "true") {
    return createApp().get("/users/*", nodeHandler(app));
  }
  return serveNode(app)
    .get("/own/:id", async () => {
      const response = await fetch(UPSTREAM_URL);
      return text(await response.text());
    })
    .get("/stream", () => new HttpResponse(called()));
};
