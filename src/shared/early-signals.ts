/**
 * Imported first in every process. Until the real listeners are installed a
 * USR1 would open Node's inspector, and a HUP, USR2 or TTIN would end or stop
 * the process.
 */
const SIGNALS = ["SIGUSR1", "SIGUSR2", "SIGHUP", "SIGTTIN", "SIGTTOU"] as const;

for (const signal of SIGNALS) process.on(signal, () => {});
