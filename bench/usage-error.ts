/** A command line that cannot be meant so. */
export class BenchUsageError extends Error {}
