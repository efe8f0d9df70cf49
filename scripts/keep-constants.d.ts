export function keepConstants(file: string): void;
