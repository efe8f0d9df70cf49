export interface Order {
  readonly orderId: number;
  readonly customer: { readonly name: string; readonly email: string };
  readonly items: readonly {
    readonly sku: string;
    readonly name: string;
    readonly quantity: number;
    readonly priceCents: number;
  }[];
  readonly note: string;
}

export function receiptFor(order: Order): object;
