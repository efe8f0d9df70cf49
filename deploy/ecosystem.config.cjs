// Runs the daemon under pm2, as one process: pm2 watches over the master, and
// the master over its workers. Copy it into your project, whether that has
// "type": "module" or not, and call it ecosystem.config.cjs there too.
//
//   pm2 start ecosystem.config.cjs
//   pm2 sendSignal SIGHUP remuda      a rolling restart
//   pm2 stop remuda                   a graceful stop
//
// Do not use "pm2 reload" or cluster mode: here they would stop the whole
// server before they start it again.
module.exports = {
  apps: [
    {
      name: "remuda",
      cwd: __dirname,
      script: "node_modules/remuda/dist/cli.js",
      args: "start app.js",
      exec_mode: "fork",
      instances: 1,
      // "pm2 start" ends when all workers are ready, or startTimeoutMs is over.
      wait_ready: true,
      listen_timeout: 35_000,
      // Signals go to the master alone: it tells the workers.
      treekill: false,
      // Longer than drain.preStopDelayMs + drain.deadlineMs, and 2 s for workers
      // that have to be killed: 5 + 20 + 2 by default.
      kill_timeout: 30_000,
      // If the master cannot start, wait longer before each attempt.
      exp_backoff_restart_delay: 100,
    },
  ],
};
