/** Socket.IO beside routes of Express, as in its guide. */
import { createServer } from "node:http";
import express from "express";
import { Server } from "socket.io";

const app = express();
const server = createServer(app);
const io = new Server(server, { transports: ["websocket"] });

app.get("/", (_, response) => response.json({ hello: "world" }));

io.use((socket, next) => {
  if (socket.handshake.auth.token === "secret") next();
  else next(new Error("not authorized"));
});

io.on("connection", (socket) => {
  socket.on("echo", (text, answer) => answer(text));
  socket.on("join", (room, answer) => {
    socket.join(room);
    io.to(room).emit("joined", socket.id);
    answer(io.engine.clientsCount);
  });
});

server.listen(process.env.PORT ?? 3000, () => {
  console.log("listens on", server.address().port);
});

process.on("SIGTERM", () => {
  io.close(() => {
    console.log("socket.io is closed");
    process.exit();
  });
});
