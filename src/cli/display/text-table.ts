export interface TableColumn {
  readonly title: string;
  /** Numbers are aligned on the right. */
  readonly isNumber?: boolean;
  /** The least important ones are left out first; by default never. */
  readonly importance?: number;
}

const GAP = "  ";

/** The lines of a table, with two spaces between its columns. */
export function textTable(
  columns: readonly TableColumn[],
  rows: readonly (readonly string[])[],
): string[] {
  const all = [columns.map(({ title }) => title), ...rows];
  const widths = widthsOf(columns, rows);
  return all.map((row) => {
    const cells = columns.map(({ isNumber }, at) => {
      const cell = row[at] ?? "";
      const width = widths[at] ?? 0;
      return isNumber ? cell.padStart(width) : cell.padEnd(width);
    });
    return cells.join(GAP).trimEnd();
  });
}

/** The lines of a table without the columns for which there is no room. */
export function fittingTable(
  columns: readonly TableColumn[],
  rows: readonly (readonly string[])[],
  maxColumns: number,
): string[] {
  const widths = widthsOf(columns, rows);
  const kept = new Set(columns.keys());
  const needed = () => {
    const total = [...kept].reduce((sum, at) => sum + (widths[at] ?? 0), 0);
    return total + GAP.length * (kept.size - 1);
  };
  for (const at of leastImportantFirst(columns)) {
    if (needed() <= maxColumns) break;
    kept.delete(at);
  }
  const isKept = (_: unknown, at: number) => kept.has(at);
  const keptRows = rows.map((row) => row.filter(isKept));
  return textTable(columns.filter(isKept), keptRows);
}

/** Indexes of the columns that may be left out. */
function leastImportantFirst(columns: readonly TableColumn[]): number[] {
  const importanceOf = (at: number) => {
    return columns[at]?.importance ?? Number.POSITIVE_INFINITY;
  };
  return [...columns.keys()]
    .filter((at) => columns[at]?.importance !== undefined)
    .sort((one, other) => importanceOf(one) - importanceOf(other));
}

function widthsOf(
  columns: readonly TableColumn[],
  rows: readonly (readonly string[])[],
): number[] {
  return columns.map(({ title }, at) => {
    return Math.max(title.length, ...rows.map((row) => (row[at] ?? "").length));
  });
}
