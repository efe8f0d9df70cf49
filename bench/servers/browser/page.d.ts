export interface Visitor {
  readonly session: string;
  readonly language: string;
  readonly from: string;
}

export function pageFor(id: string, visitor: Visitor): string;
