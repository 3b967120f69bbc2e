// Every operation the simulated admin sends to the store's Admin API.

const order = `id name createdAt displayFinancialStatus displayFulfillmentStatus tags
  totalPriceSet { shopMoney { amount currencyCode } } customer { id displayName }`;
const product = 'id title status productType vendor createdAt tags';
const customer = 'id displayName createdAt numberOfOrders amountSpent { amount currencyCode } tags';

const list = (field, sort, node) => `query List($first: Int!, $after: String, $query: String) {
  records: ${field}(first: $first, after: $after, query: $query, sortKey: ${sort}, reverse: true) {
    nodes { ${node} } pageInfo { hasNextPage endCursor }
  }
}`;
const one = (field, node) => `query One($id: ID!) { record: ${field}(id: $id) { ${node} } }`;
const change = (name) => `mutation Change($id: ID!, $tags: [String!]!) {
  ${name}(id: $id, tags: $tags) { node { id } userErrors { field message } }
}`;

export const documents = {
  orders: {
    list: list('orders', 'CREATED_AT', order),
    one: one('order', `${order} lineItems(first: 20) { nodes { id title quantity } }`),
    create: `mutation Create($order: OrderCreateOrderInput!) {
      made: orderCreate(order: $order) { order { id name } userErrors { field message } }
    }`,
  },
  products: {
    list: list('products', 'CREATED_AT', product),
    one: one('product', product),
    create: `mutation Create($product: ProductCreateInput!) {
      made: productCreate(product: $product) { product { id title } userErrors { field message } }
    }`,
  },
  customers: {
    list: list('customers', 'CREATED_AT', customer),
    one: one('customer', customer),
    create: `mutation Create($input: CustomerInput!) {
      made: customerCreate(input: $input) { customer { id displayName } userErrors { field message } }
    }`,
  },
  tags: { add: change('tagsAdd'), remove: change('tagsRemove') },
  currency: 'query Currency { shop { currencyCode } }',
};
