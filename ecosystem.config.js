// Runs the daemon of this repository under pm2. For a project that has Remuda
// as a dependency there is deploy/ecosystem.config.cjs: copy that.
import deployed from "./deploy/ecosystem.config.cjs";

export const apps = deployed.apps.map((app) => {
  return { ...app, cwd: import.meta.dirname, script: "dist/cli.js" };
});
