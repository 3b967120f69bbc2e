// The dialogs that make a new order, product or customer.
import { h } from './dom.js';
import { admin } from './simulator.js';
import { documents } from './documents.js';

const tagsOf = (text) => text.split(',').map((tag) => tag.trim()).filter(Boolean);

// For each kind: its fields, and the variables they make.
const forms = {
  orders: {
    heading: 'Create order',
    answer: 'order',
    async fields(shop) {
      const { records } = await admin(shop, documents.customers.list, { first: 50, after: null, query: null });
      return [
        h('s-select', { name: 'customer', label: 'Customer', value: '' }, h('s-option', { value: '' }, 'No customer'), records.nodes.map(({ id, displayName }) => h('s-option', { value: id }, displayName))),
        h('s-text-field', { name: 'title', label: 'Item', value: 'Tasting box', required: true }),
        h('s-grid', { gridTemplateColumns: '1fr 1fr', gap: 'small' }, h('s-money-field', { name: 'price', label: 'Price', value: '120.00', min: 0 }), h('s-number-field', { name: 'quantity', label: 'Quantity', value: '1', min: 1, step: 1 })),
        h('s-text-field', { name: 'tags', label: 'Tags', placeholder: 'VIP, wholesale' }),
      ];
    },
    async variables(values, shop) {
      const { shop: { currencyCode } } = await admin(shop, documents.currency, {});
      const price = { shopMoney: { amount: values.price || '0', currencyCode } };
      const order = { lineItems: [{ title: values.title, quantity: Number(values.quantity) || 1, priceSet: price }], tags: tagsOf(values.tags), financialStatus: 'PAID' };
      if (values.customer) order.customer = { toAssociate: { id: values.customer } };
      return { order };
    },
  },
  products: {
    heading: 'Create product',
    answer: 'product',
    fields: async () => [
      h('s-text-field', { name: 'title', label: 'Title', required: true }),
      h('s-grid', { gridTemplateColumns: '1fr 1fr', gap: 'small' }, h('s-text-field', { name: 'productType', label: 'Type', value: 'Red wine' }), h('s-text-field', { name: 'vendor', label: 'Vendor', value: 'House' })),
      h('s-text-field', { name: 'tags', label: 'Tags', placeholder: 'organic, sale' }),
    ],
    variables: async (values) => ({ product: { title: values.title, productType: values.productType, vendor: values.vendor, tags: tagsOf(values.tags) } }),
  },
  customers: {
    heading: 'Create customer',
    answer: 'customer',
    fields: async () => [
      h('s-grid', { gridTemplateColumns: '1fr 1fr', gap: 'small' }, h('s-text-field', { name: 'firstName', label: 'First name', required: true }), h('s-text-field', { name: 'lastName', label: 'Last name' })),
      h('s-email-field', { name: 'email', label: 'Email', required: true }),
      h('s-text-field', { name: 'tags', label: 'Tags', placeholder: 'newsletter' }),
    ],
    variables: async (values) => ({ input: { firstName: values.firstName, lastName: values.lastName, email: values.email, tags: tagsOf(values.tags) } }),
  },
};

// Asks for a new record of a kind and makes it. Gives back what the store made, or null when it was called off.
export async function askForNew(shop, kind) {
  const { heading, answer, fields, variables } = forms[kind];
  const form = h('form', { id: 'create-form' }, h('s-stack', { gap: 'small' }, await fields(shop)));
  const trouble = h('s-banner', { tone: 'critical', heading: 'The store refused it', hidden: true });
  const submit = h('s-button', { slot: 'primary-action', variant: 'primary', onclick: () => form.requestSubmit() }, heading);
  const modal = h('s-modal', { heading }, h('s-stack', { gap: 'base' }, trouble, form), h('s-button', { slot: 'secondary-actions', onclick: () => modal.hideOverlay() }, 'Cancel'), submit);
  return new Promise((resolve) => {
    let made = null;
    modal.addEventListener('afterhide', () => {
      modal.remove();
      resolve(made);
    });
    form.addEventListener('submit', async (event) => {
      event.preventDefault();
      submit.loading = true;
      try {
        const values = Object.fromEntries(new FormData(form));
        made = (await admin(shop, documents[kind].create, await variables(values, shop))).made[answer];
        modal.hideOverlay();
      } catch (error) {
        trouble.replaceChildren(error.message);
        trouble.hidden = false;
      }
      submit.loading = false;
    });
    document.body.append(modal);
    modal.showOverlay();
  });
}
