export function work(): string;
