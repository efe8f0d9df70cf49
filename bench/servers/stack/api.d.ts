export interface ApiRoute {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  /** Within its group; with parameters as ":id". */
  readonly pattern: string;
  readonly status: number;
  /** What is answered as JSON; undefined for nothing. */
  readonly answer: (
    params: Readonly<Record<string, string>>,
    body?: object,
  ) => unknown;
}

export interface ApiGroup {
  readonly prefix: string;
  readonly routes: readonly ApiRoute[];
}

export const ORIGIN: string;
export const SECURITY_FIELDS: Readonly<Record<string, string>>;
export const PREFIX: string;
export const CACHE_CONTROL: string;
export const PAGES: readonly ApiRoute[];
export const GROUPS: readonly ApiGroup[];
export function hasBody(route: ApiRoute): boolean;
