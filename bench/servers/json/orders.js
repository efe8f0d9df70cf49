/** What all servers of the scenario do with an order. */

/** @param order as it was sent */
export function receiptFor({ orderId, customer, items }) {
  let cents = 0;
  for (const { quantity, priceCents } of items) cents += quantity * priceCents;
  return {
    orderId,
    customer: customer.name,
    itemCount: items.length,
    totalCents: cents,
    status: "accepted",
  };
}
