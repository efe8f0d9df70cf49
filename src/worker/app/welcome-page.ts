const STYLE = `
  :root { color-scheme: light dark;
    --ink: #2b2118; --paper: #fbf7f0; --soft: #7a6a58; --line: #e4d8c6;
    --hide: #a4501f; --code: #f1e8da; }
  @media (prefers-color-scheme: dark) { :root {
    --ink: #efe6da; --paper: #1b1612; --soft: #a89884; --line: #3a3027;
    --hide: #e59a63; --code: #28211b; } }
  * { box-sizing: border-box; }
  body { margin: 0; background: var(--paper); color: var(--ink);
    font: 17px/1.6 system-ui, sans-serif; }
  main { max-width: 42rem; margin: 0 auto; padding: 12vh 1.5rem 4rem; }
  h1 { margin: 0; font: 600 3rem/1.1 Georgia, serif; letter-spacing: -.02em; }
  h2 { margin: 2.5rem 0 .5rem; font-size: 1rem; }
  p { margin: .75rem 0; }
  .runs { color: var(--hide); font-weight: 600; }
  .soft, footer { color: var(--soft); }
  a { color: var(--hide); }
  code, pre { font: .88em/1.6 ui-monospace, monospace; }
  pre { margin: .75rem 0; padding: 1rem 1.25rem; overflow-x: auto;
    background: var(--code); border-radius: .5rem; }
  dl { display: grid; grid-template-columns: max-content 1fr; margin: .75rem 0;
    gap: .35rem 1.5rem; }
  dd { margin: 0; }
  footer { margin-top: 3rem; padding-top: 1rem; font-size: .85rem;
    border-top: 1px solid var(--line); }
`;

const EXAMPLE = `import { createApp, ok } from "remuda";

const app = createApp();
app.get("/", () =&gt; ok({ message: "Hello World" }));
await app.run();`;

const ADMIN = [
  ["/livez", "the master lives"],
  ["/readyz", "enough workers are ready"],
  ["/status", "the state of each worker"],
  ["/metrics", "for Prometheus"],
] as const;

/** The HTML of the welcome page; it loads no other resources. */
export function welcomePage(pid: number): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Remuda runs</title>
<link rel="icon" href="data:,">
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>Remuda</h1>
<p class="runs">It runs. Worker process ${pid} sent you this page.</p>
<p>Remuda is an HTTP/1.1 server for Node.js: a master keeps one worker per
core, and swaps them for fresh ones without losing a request. A <em>remuda</em>
is the herd of saddle horses from which a rider takes a fresh mount.</p>

<h2>Serve your own app</h2>
<p>You see this page because no app was given. Write <code>app.js</code>:</p>
<pre>${EXAMPLE}</pre>
<pre>remuda start app.js</pre>
<p class="soft">Until then: <a href="/hello/you">/hello/you</a></p>

<h2>See the workers</h2>
<p class="soft">The master answers on port 9090, to this machine only, unless
configured otherwise.</p>
<dl>
${ADMIN.map(adminLink).join("\n")}
</dl>
<footer>Reload this page a few times: other workers will answer.</footer>
</main>
</body>
</html>
`;
}

function adminLink([path, meaning]: readonly [string, string]): string {
  const link = `<a href="http://127.0.0.1:9090${path}">${path}</a>`;
  return `<dt><code>${link}</code></dt><dd>${meaning}</dd>`;
}
