// An Express app, as it is: with reloads, health and metrics around it.
// It needs the package express.
//
//   node dist/cli.js start examples/express-app.js
//   curl localhost:8080/hello/you
//   curl -d name=horse localhost:8080/hello
import express from "express";
import { serveNode } from "remuda";

const app = express();
app.use(express.urlencoded());

app.get("/hello/:name", (request, response) => {
  response.json({ message: `Hello ${request.params.name}` });
});
app.post("/hello", (request, response) => {
  response.cookie("name", request.body.name).redirect(303, "/hello/again");
});

// In place of app.listen(8080).
export default serveNode(app);
