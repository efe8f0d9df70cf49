// Imitates the daemon's logs and responses, to test the helpers that start
// daemons.
//
//   node fake-daemon.js start [--exit-early | --stubborn | --leave-orphan]
import { spawn } from "node:child_process";
import cluster from "node:cluster";
import http from "node:http";

const has = (flag) => process.argv.includes(flag);
const log = (fields) => {
  process.stdout.write(`${JSON.stringify({ pid: process.pid, ...fields })}\n`);
};

const ANSWERS = {
  "/status": JSON.stringify({ args: process.argv.slice(2) }),
  "/metrics": '# TYPE a counter\na{x="1"} 2\na{x="2"} 3\n',
};

function listen(msg) {
  const server = http.createServer((request, response) => {
    const answer = ANSWERS[request.url];
    response.writeHead(answer === undefined ? 404 : 200).end(answer);
  });
  server.listen(0, "127.0.0.1", () => {
    log({ msg, port: server.address().port });
  });
}

function runMaster() {
  if (has("--exit-early")) {
    log({ msg: "about to fail" });
    console.error("no such app");
    process.exit(3);
  }
  process.on("SIGQUIT", () => {
    if (!has("--stubborn")) process.exit(0);
  });
  process.on("SIGHUP", () => log({ msg: "reloaded" }));
  if (has("--leave-orphan")) {
    // A child that ignores QUIT, which would end most programs.
    spawn("sh", ["-c", "trap '' QUIT; exec sleep 1000"]).unref();
  }
  console.log("not JSON");
  listen("listening");
  listen("admin listening");
  cluster.fork().on("online", () => log({ msg: "ready" }));
}

if (cluster.isPrimary) runMaster();
else process.on("SIGQUIT", () => {});
