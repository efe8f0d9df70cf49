/**
 * The balancer configurations in deploy/, with only machine-specific parts
 * changed: addresses, paths, and the user if it is not available.
 */
import { readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

export interface DeployedInstance {
  /** Default 127.0.0.1. */
  readonly host?: string;
  readonly port: number;
  /** Port of the agent check; without one, HAProxy runs no agent check. */
  readonly agentPort?: number;
}

export interface DeployedOptions {
  /** Listen address of the balancer: `127.0.0.1:8080`. */
  readonly listen: string;
  /** Named `app1`, `app2` and so on. */
  readonly instances: readonly DeployedInstance[];
  /** Disables retries, which would hide failures. Default false. */
  readonly hasNoRetries?: boolean;
  /**
   * Enables the PROXY header that HAProxy's file offers in a comment. Default
   * false.
   */
  readonly sendsProxyHeader?: boolean;
}

const folder = path.resolve(fileURLToPath(import.meta.url), "../../../deploy");
const isRoot = process.geteuid?.() === 0;

/** Content of a file in deploy/, unchanged. */
export function deployedFile(name: string): string {
  return readFileSync(path.join(folder, name), "utf8");
}

/**
 * For `startHaproxy`; the sockets `admin.sock` and `metrics.sock` are in its
 * folder.
 */
export function haproxyConfig(options: DeployedOptions): string {
  const { listen, instances, hasNoRetries, sendsProxyHeader } = options;
  const servers = instances.map(({ host, port, agentPort }, index) => {
    const agent =
      agentPort === undefined ? "no-agent-check" : `agent-port ${agentPort}`;
    return `server app${index + 1} ${host ?? "127.0.0.1"}:${port} ${agent}`;
  });
  let text = deployedFile("haproxy.cfg");
  const change = (from: RegExp, to: string) => {
    text = changed(text, from, to);
  };
  change(/bind :80$/m, `bind ${listen}`);
  change(/bind 127.0.0.1:8405$/m, "bind unix@metrics.sock");
  change(/\/run\/haproxy\/admin.sock mode/, "unix@admin.sock mode");
  change(/(^ +server app\d .*\n)+/m, `    ${servers.join("\n    ")}\n`);
  if (!isRoot) change(/^ +(user|group) haproxy\n/gm, "");
  if (sendsProxyHeader) {
    change(/#(?=http-reuse never)/, "");
    change(/#(?=default-server send-proxy)/, "");
  }
  if (hasNoRetries) {
    change(/^ +retries \d$/m, "    retries 0");
    change(/^ +option redispatch.*\n/m, "");
  }
  return text;
}

/** For `startNginx`; a file `out/app1` takes instance 1 out, and so on. */
export function nginxConfig(options: DeployedOptions): string {
  const { listen, hasNoRetries } = options;
  let text = withInstances(deployedFile("nginx.conf"), options.instances);
  const change = (from: RegExp, to: string) => {
    text = changed(text, from, to);
  };
  change(/listen 80;/, `listen ${listen};`);
  change(/\/var\/log\/nginx\/error.log/, "stderr");
  change(/\/var\/log\/nginx\/access.log/, "/dev/stdout");
  // Own folders, because a second nginx may take over the default ones.
  const kinds = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
  const paths = kinds.map((kind) => `    ${kind}_temp_path tmp-${kind};\n`);
  change(/^http \{\n/m, `$&${paths.join("")}`);
  if (hasNoRetries) {
    change(/proxy_next_upstream error.*;/, "proxy_next_upstream off;");
  }
  return text;
}

/** Replaces the file's two instances with these. */
function withInstances(
  given: string,
  instances: DeployedOptions["instances"],
): string {
  let text = given;
  const change = (
    from: RegExp,
    to: (one: string, number: number) => string,
  ) => {
    const [one = ""] = from.exec(text) ?? [];
    const all = instances.map((_, index) => to(one, index + 1)).join("");
    text = changed(text, new RegExp(`(?:${from.source})+`, from.flags), all);
  };
  const hostOf = ({ host, port }: DeployedInstance) => {
    return `${host ?? "127.0.0.1"}:${port}`;
  };
  const [, how = ""] = /^ +server [\d.:]+( .*;\n)/m.exec(text) ?? [];
  const lines = instances.map((each) => `        server ${hostOf(each)}${how}`);
  change(
    / {4}upstream app_without_\d \{\n(?: {8}.*\n)+ {4}\}\n+/,
    (one, number) => {
      const others = lines.filter((_, index) => index + 1 !== number);
      return (
        one
          .replaceAll("without_1", `without_${number}`)
          // A single instance cannot be taken out.
          .replace(/ {8}server .*\n/, others.join("") || String(lines[0]))
      );
    },
  );
  change(
    / {8}if \(-f \/run\/nginx-out\/app\d\) \{\n.*\n {8}\}\n/,
    (one, number) => {
      return one
        .replace("/run/nginx-out/app1", `out/app${number}`)
        .replace("without_1", `without_${number}`);
    },
  );
  return changed(text, /( {8}server [\d.:]+ .*;\n){2}/, lines.join(""));
}

/** @throws Error if nothing matches, because the file has changed */
function changed(text: string, from: RegExp, to: string): string {
  const result = text.replace(from, to);
  if (result === text) throw new Error(`nothing in the file is ${from}`);
  return result;
}
