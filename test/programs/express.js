/** An Express app with the middleware that most have. */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { unlink } from "node:fs/promises";
import os from "node:os";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import compression from "compression";
import express from "express";
import session from "express-session";
import helmet from "helmet";
import morgan from "morgan";
import multer from "multer";

const app = express();
const upload = multer({ dest: os.tmpdir() });

app.use(helmet());
app.use(compression());
app.use(morgan("tiny", { skip: (_, response) => response.statusCode < 400 }));
app.use(
  session({ secret: "keyboard cat", resave: false, saveUninitialized: false }),
);

app.get("/", (_, response) => response.json({ hello: "world" }));

app.get("/slow", async (_, response) => {
  await delay(300);
  response.send("slow");
});

app.get("/source", (_, response) => {
  response.sendFile(fileURLToPath(import.meta.url));
});

app.get("/views", (request, response) => {
  request.session.views = (request.session.views ?? 0) + 1;
  response.json({ views: request.session.views });
});

app.post("/json", express.json(), (request, response) => {
  response.json(request.body);
});

app.post("/upload", upload.single("file"), async (request, response) => {
  const { originalname: name, size, path } = request.file;
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path)) hash.update(chunk);
  await unlink(path);
  response.json({ name, size, sha256: hash.digest("hex") });
});

app.get("/error", () => {
  throw new Error("broken on purpose");
});

app.use((error, _request, response, _next) => {
  response.status(500).json({ error: error.message });
});

const port = process.env.PORT || 3000;
app.listen(port, (error) => {
  if (error) throw error;
  console.log(`instance ${process.env.NODE_APP_INSTANCE} listens on ${port}`);
});
