/** A GraphQL server. */
import { createServer } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import { createSchema, createYoga } from "graphql-yoga";

const yoga = createYoga({
  schema: createSchema({
    typeDefs: `
      type Query { hello(name: String!): String!, slow: Int! }
      type Subscription { countdown(from: Int!): Int! }
    `,
    resolvers: {
      Query: {
        hello: (_, { name }) => `hello ${name}`,
        slow: () => delay(300, 1),
      },
      Subscription: {
        countdown: {
          subscribe: async function* (_, { from }) {
            for (let count = from; count >= 0; count--) {
              yield { countdown: count };
              await delay(20);
            }
          },
        },
      },
    },
  }),
});

const server = createServer(yoga);
server.listen(process.env.PORT ?? 3000, () => {
  console.log(`listens on ${server.address().port}${yoga.graphqlEndpoint}`);
});
