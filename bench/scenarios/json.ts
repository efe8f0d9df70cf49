import { type Order, receiptFor } from "../servers/json/orders.js";
import type { Exchange, Scenario } from "./scenario.ts";

const BODY_BYTES = 1024;
const ORDERS = 16;
const ITEMS = 9;

/** What a body in JSON costs, there and back. */
export const json: Scenario = {
  name: "json",
  summary: "POST of 1 KiB of JSON, parsed, and answered with JSON",
  app: "json",
  servers: ["remuda", "node-http", "fastify", "hono", "express", "bun"],
  exchanges: Array.from({ length: ORDERS }, (_, index) => exchange(index)),
  pipelining: 1,
};

function exchange(index: number): Exchange {
  const order = orderOfSize(BODY_BYTES, index);
  return {
    request: {
      method: "POST",
      path: "/orders",
      headers: {
        Accept: "application/json",
        "Content-Type": "application/json",
      },
      body: JSON.stringify(order),
    },
    answer: {
      status: 201,
      contentType: "application/json",
      body: JSON.stringify(receiptFor(order)),
    },
  };
}

/** With a note as long as it takes. */
function orderOfSize(bytes: number, index: number): Order {
  const order: Order = {
    orderId: 10_000 + index,
    customer: { name: `Customer ${100 + index}`, email: "c@example.com" },
    items: Array.from({ length: ITEMS }, (_, item) => ({
      sku: `SKU-${1000 + 16 * item + index}`,
      name: "a thing to order",
      quantity: 1 + ((item + index) % 5),
      priceCents: 1099 + 100 * item,
    })),
    note: "",
  };
  const missing = bytes - JSON.stringify(order).length;
  return {
    ...order,
    note: "please ring twice. ".repeat(bytes).slice(0, missing),
  };
}
