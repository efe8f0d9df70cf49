/** A chat of Socket.IO over N processes, with long polling as by default. */
import { createServer } from "node:http";
import { createAdapter } from "@socket.io/cluster-adapter";
import { Server } from "socket.io";

const server = createServer((_, response) => {
  response.setHeader("Content-Type", "application/json");
  response.end('{"hello":"world"}');
});
const io = new Server(server, { adapter: createAdapter() });

io.on("connection", (socket) => {
  socket.join("room");
  socket.emit("pid", process.pid);
  socket.on("say", (text, answer) => {
    io.to("room").emit("said", text);
    answer();
  });
});

server.listen(process.env.PORT ?? 3000);

process.on("SIGTERM", () => {
  io.close(() => {
    console.log("the chat is closed");
    process.exit();
  });
});
