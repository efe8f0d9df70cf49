/** Longer names of sticky sessions are not looked at. */
export const MAX_SESSION_CHARS = 256;
