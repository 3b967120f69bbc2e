// What the admin asks of the simulator.

async function call(path, body) {
  const answer = await fetch(path, body === undefined ? {} : {
    method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`The simulator answered ${answer.status} to ${path}.`);
  const text = await answer.text();
  return text ? JSON.parse(text) : null;
}

export const simulator = {
  shops: () => call('/__sim/shops'),
  config: () => call('/__sim/config'),
  setTraffic: (on) => call('/__sim/traffic', { on }),
  async sessionToken(shop, staff) {
    const { token } = await call('/__sim/session_token', staff ? { shop, staff: staff.id } : { shop });
    return token;
  },
};

// Sends one operation to the store's Admin API. Errors of any kind, userErrors too, are thrown in Shopify's words.
export async function admin(shop, query, variables) {
  const answer = await fetch(`/${shop}/admin/api/2026-10/graphql.json`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'X-Shopify-Access-Token': 'sim-admin' },
    body: JSON.stringify({ query, variables }),
  });
  if (!answer.ok) throw new Error(`The store answered ${answer.status}.`);
  const { data, errors } = await answer.json();
  if (errors?.length) throw new Error(errors.map(({ message }) => message).join(' '));
  for (const part of Object.values(data ?? {})) {
    if (part?.userErrors?.length) throw new Error(part.userErrors.map(({ message }) => message).join(' '));
  }
  return data;
}
