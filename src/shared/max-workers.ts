/** Limit on the workers of an instance, in settings and in commands. */
export const MAX_WORKERS = 1_024;
