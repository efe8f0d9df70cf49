/**
 * The Universal Scalability Law (Gunther): N instances do
 *
 *   X(N) = λ·N / (1 + σ·(N − 1) + κ·N·(N − 1))
 *
 * λ is what one does alone, σ (contention) how much of the work waits for what
 * only one can use at a time, κ (coherency) what instances cost each other.
 */
export interface UslFit {
  /** λ, requests per second. */
  readonly ratePerInstance: number;
  /** σ, 0 for none. */
  readonly contention: number;
  /** κ, 0 for none. */
  readonly coherency: number;
}

export interface RatePoint {
  readonly instances: number;
  readonly requestsPerSecond: number;
}

/** Those of σ and κ that are not taken for 0. */
const SHAPES = [[0, 1, 2], [0, 1], [0, 2], [0]] as const;

/**
 * The least squares of relative errors. With N/X for X the law is a line in σ
 * and κ, so that no search is needed; neither becomes less than 0.
 *
 * @throws RangeError where there are no points
 */
export function fitUsl(points: readonly RatePoint[]): UslFit {
  if (points.length === 0) throw new RangeError("no points have no fit");
  const counts = new Set(points.map(({ instances }) => instances));
  const fits = SHAPES.filter(({ length }) => length <= counts.size).flatMap(
    (shape) => fitOf(shape, points) ?? [],
  );
  // The last shape always fits.
  return fits.reduce((best, fit) => {
    return errorOf(fit, points) < errorOf(best, points) ? fit : best;
  });
}

/** What that many do by the law. */
export function uslRate(fit: UslFit, instances: number): number {
  const { ratePerInstance, contention, coherency } = fit;
  const others = instances - 1;
  const slower = 1 + contention * others + coherency * instances * others;
  return (ratePerInstance * instances) / slower;
}

/** With how many it does most; infinite where more never do less. */
export function uslPeak({ contention, coherency }: UslFit): number {
  if (coherency === 0) return Number.POSITIVE_INFINITY;
  return Math.sqrt((1 - contention) / coherency);
}

function fitOf(
  shape: readonly number[],
  points: readonly RatePoint[],
): UslFit | undefined {
  const rows = points.map(({ instances, requestsPerSecond }) => {
    const scale = requestsPerSecond / instances;
    const all = [1, instances - 1, instances * (instances - 1)];
    return shape.map((term) => (all[term] as number) * scale);
  });
  const matrix = shape.map((_, one) => [
    ...shape.map((_, other) =>
      sumOf(rows, (row) => at(row, one) * at(row, other)),
    ),
    sumOf(rows, (row) => at(row, one)),
  ]);
  const solved = solve(matrix);
  if (!solved) return undefined;
  const terms = [0, 0, 0];
  for (const [index, term] of shape.entries()) terms[term] = at(solved, index);
  const [alone = 0, contention = 0, coherency = 0] = terms;
  if (alone <= 0 || contention < 0 || coherency < 0) return undefined;
  return {
    ratePerInstance: 1 / alone,
    contention: contention / alone,
    coherency: coherency / alone,
  };
}

/** Gauss, of a few equations; undefined where they do not say enough. */
function solve(
  equations: readonly (readonly number[])[],
): number[] | undefined {
  const rows = equations.map((row) => [...row]);
  for (const [step, pivotRow] of rows.entries()) {
    const pivot = at(pivotRow, step);
    if (Math.abs(pivot) < Number.EPSILON) return undefined;
    for (const [other, row] of rows.entries()) {
      if (other === step) continue;
      const factor = at(row, step) / pivot;
      for (const column of row.keys()) {
        row[column] = at(row, column) - factor * at(pivotRow, column);
      }
    }
  }
  return rows.map((row, index) => at(row, rows.length) / at(row, index));
}

function errorOf(fit: UslFit, points: readonly RatePoint[]): number {
  return sumOf(points, ({ instances, requestsPerSecond }) => {
    return (requestsPerSecond / uslRate(fit, instances) - 1) ** 2;
  });
}

function sumOf<Item>(
  items: readonly Item[],
  of: (item: Item) => number,
): number {
  return items.reduce((sum, item) => sum + of(item), 0);
}

function at(row: readonly number[], index: number): number {
  return row[index] as number;
}
