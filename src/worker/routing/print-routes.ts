import type { Route } from "./route.ts";

/** The routes as a table for people, in the order of registration. */
export function printRoutes(routes: readonly Route[]): string {
  const rows = routes.map((route) => [
    route.method,
    route.pattern.source,
    route.options.name ?? "-",
    middlewareNames(route),
    route.place || "-",
  ]);
  const all = [["METHOD", "PATTERN", "NAME", "MIDDLEWARE", "PLACE"], ...rows];
  const widths = [0, 1, 2, 3].map((column) => {
    return Math.max(...all.map((row) => row[column]?.length ?? 0));
  });
  const lines = all.map((row) => {
    return row.map((cell, column) => cell.padEnd(widths[column] ?? 0));
  });
  return lines.map((cells) => `${cells.join("  ").trimEnd()}\n`).join("");
}

function middlewareNames({ scope }: Route): string {
  const names = scope.all().map(({ name }) => name || "(anonymous)");
  return names.join(", ") || "-";
}
