// The admin's own pages for orders, products and customers: lists, records, tags, and making new ones.
import { h } from './dom.js';
import { admin } from './simulator.js';
import { toast } from './toasts.js';
import { documents } from './documents.js';
import { askForNew } from './create.js';

const money = ({ amount, currencyCode }) => new Intl.NumberFormat('en', { style: 'currency', currency: currencyCode }).format(Number(amount));
const day = (time) => new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'short' }).format(new Date(time));
const words = (name) => (name ? name[0] + name.slice(1).toLowerCase().replaceAll('_', ' ') : '');
const count = (number, one) => `${Number(number).toLocaleString('en')} ${one}${Number(number) === 1 ? '' : 's'}`;
const numberOf = (gid) => gid.replace(/^.*\//, '').replace(/\?.*$/, '');
const badge = (tone, text) => h('s-badge', { tone }, text);
const quiet = (text) => h('s-text', { color: 'subdued' }, text);
const tagList = (tags, most = 3) => h(
  's-stack',
  { direction: 'inline', gap: 'small-400' },
  tags.slice(0, most).map((tag) => h('s-chip', {}, tag)),
  tags.length > most ? quiet(`+${tags.length - most}`) : '',
);

const paidTone = { PAID: 'neutral', PENDING: 'warning', REFUNDED: 'neutral', PARTIALLY_REFUNDED: 'neutral', VOIDED: 'neutral' };
const stateTone = { ACTIVE: 'success', DRAFT: 'info', ARCHIVED: 'neutral', UNLISTED: 'neutral' };

// What a list shows, column by column, and what a record says about itself.
const kinds = {
  orders: {
    title: 'Orders',
    one: 'order',
    type: 'Order',
    name: (order) => order.name,
    columns: [
      ['Order', 'primary', (order) => order.name],
      ['Date', 'secondary', (order) => quiet(day(order.createdAt))],
      ['Customer', 'labeled', (order) => order.customer?.displayName ?? quiet('No customer')],
      ['Total', 'labeled', (order) => money(order.totalPriceSet.shopMoney), 'currency'],
      ['Payment', 'inline', (order) => badge(paidTone[order.displayFinancialStatus] ?? 'neutral', words(order.displayFinancialStatus))],
      ['Tags', 'labeled', (order) => tagList(order.tags)],
    ],
    facts: (order) => [
      ['Placed', day(order.createdAt)],
      ['Customer', order.customer?.displayName ?? 'No customer'],
      ['Payment', words(order.displayFinancialStatus)],
      ['Fulfillment', words(order.displayFulfillmentStatus)],
      ['Total', money(order.totalPriceSet.shopMoney)],
    ],
  },
  products: {
    title: 'Products',
    one: 'product',
    type: 'Product',
    name: (product) => product.title,
    columns: [
      ['Product', 'primary', (product) => product.title],
      ['Status', 'inline', (product) => badge(stateTone[product.status] ?? 'neutral', words(product.status))],
      ['Type', 'secondary', (product) => product.productType || quiet('No type')],
      ['Vendor', 'labeled', (product) => product.vendor],
      ['Tags', 'labeled', (product) => tagList(product.tags)],
    ],
    facts: (product) => [
      ['Status', words(product.status)],
      ['Type', product.productType || 'No type'],
      ['Vendor', product.vendor],
      ['Created', day(product.createdAt)],
    ],
  },
  customers: {
    title: 'Customers',
    one: 'customer',
    type: 'Customer',
    name: (customer) => customer.displayName,
    columns: [
      ['Customer', 'primary', (customer) => customer.displayName],
      ['Orders', 'secondary', (customer) => quiet(count(customer.numberOfOrders, 'order'))],
      ['Amount spent', 'inline', (customer) => money(customer.amountSpent), 'currency'],
      ['Tags', 'labeled', (customer) => tagList(customer.tags)],
    ],
    facts: (customer) => [
      ['Orders', Number(customer.numberOfOrders).toLocaleString('en')],
      ['Amount spent', money(customer.amountSpent)],
      ['Customer since', day(customer.createdAt)],
    ],
  },
};

const link = (id, text, address, go, props = {}) => {
  const made = h('s-link', { id, href: address, ...props }, text);
  made.addEventListener('click', (event) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    go(address);
  });
  return made;
};

const fail = (error) => toast(error.message, { isError: true });

function home(into, view) {
  into.replaceChildren(h(
    's-page',
    { heading: 'Home' },
    h(
      's-section',
      { heading: 'A store to play with' },
      h('s-paragraph', {}, 'Its orders, products and customers live in memory and change by themselves while live traffic is on. Change one yourself, or open the app to see what it makes of it.'),
      h(
        's-stack',
        { direction: 'inline', gap: 'small-200' },
        ...[['apps/tagtrail', 'Open Tagtrail', 'primary'], ['orders', 'Orders', 'secondary'], ['products', 'Products', 'secondary'], ['customers', 'Customers', 'secondary']].map(([path, label, variant]) => h('s-button', { variant, onclick: () => view.go(`${view.base}/${path}`) }, label)),
      ),
    ),
  ));
}

class RecordList {
  constructor(into, view) {
    this.into = into;
    this.view = view;
    this.kind = kinds[view.kind];
    this.query = new URLSearchParams(location.search).get('query') ?? '';
    this.cursors = [];
    this.search = h('s-search-field', {
      label: `Search ${view.kind}`, labelAccessibilityVisibility: 'exclusive', placeholder: `Search ${view.kind}: tag:VIP, or a name`, value: this.query,
    });
    this.search.addEventListener('change', () => {
      this.query = this.search.value;
      this.cursors = [];
      history.replaceState(null, '', this.query ? `?query=${encodeURIComponent(this.query)}` : location.pathname);
      this.read();
    });
    this.body = h('s-table-body');
    this.table = h(
      's-table',
      { paginate: true, loading: true },
      h('div', { slot: 'filters' }, this.search),
      h('s-table-header-row', {}, this.kind.columns.map(([name, listSlot, , format]) => h('s-table-header', { listSlot, format }, name))),
      this.body,
    );
    this.table.addEventListener('nextpage', () => {
      this.cursors.push(this.end);
      this.read();
    });
    this.table.addEventListener('previouspage', () => {
      this.cursors.pop();
      this.read();
    });
    this.none = h('s-empty-state', { heading: `No ${view.kind} match`, hidden: true }, h('s-text', { slot: 'subheading' }, 'Try a shorter search, or clear it.'));
    const create = h('s-button', { slot: 'primary-action', icon: 'plus', onclick: () => this.create() }, `Create ${this.kind.one}`);
    into.replaceChildren(h('s-page', { heading: this.kind.title, inlineSize: 'large' }, create, h('s-section', { padding: 'none', accessibilityLabel: this.kind.title }, this.table, this.none)));
  }

  async read() {
    const { shop, kind } = this.view;
    this.table.loading = true;
    try {
      const { nodes, pageInfo } = (await admin(shop, documents[kind].list, { first: 25, after: this.cursors.at(-1) ?? null, query: this.query || null })).records;
      this.end = pageInfo.endCursor;
      this.table.hasNextPage = pageInfo.hasNextPage;
      this.table.hasPreviousPage = this.cursors.length > 0;
      this.body.replaceChildren(...nodes.map((record) => this.row(record)));
      this.none.hidden = nodes.length > 0;
    } catch (error) {
      fail(error);
    }
    this.table.loading = false;
  }

  row(record) {
    const { base, kind, go } = this.view;
    const id = `${kind}-${numberOf(record.id)}`;
    const address = `${base}/${kind}/${numberOf(record.id)}`;
    return h('s-table-row', { clickDelegate: id }, this.kind.columns.map(([, listSlot, show]) => h('s-table-cell', {}, listSlot === 'primary' ? link(id, show(record), address, go) : show(record))));
  }

  async create() {
    const made = await askForNew(this.view.shop, this.view.kind);
    if (!made) return;
    toast(`Created ${this.kind.name(made)}`);
    this.view.go(`${this.view.base}/${this.view.kind}/${numberOf(made.id)}`);
  }
}

class RecordPage {
  constructor(into, view) {
    this.into = into;
    this.view = view;
    this.kind = kinds[view.kind];
    this.gid = `gid://shopify/${this.kind.type}/${view.id}`;
  }

  async read() {
    const { shop, kind } = this.view;
    try {
      const { record } = await admin(shop, documents[kind].one, { id: this.gid });
      if (record) this.show(record);
      else this.missing();
    } catch (error) {
      fail(error);
      this.missing();
    }
  }

  page(heading, ...children) {
    const { base, kind, go } = this.view;
    this.into.replaceChildren(h('s-page', { heading }, link(`back-${kind}`, this.kind.title, `${base}/${kind}`, go, { slot: 'breadcrumb-actions' }), ...children));
  }

  missing() {
    this.page(this.kind.title, h('s-section', {}, h('s-empty-state', { heading: `There is no such ${this.kind.one}` }, h('s-text', { slot: 'subheading' }, 'It may have been deleted since.'))));
  }

  show(record) {
    document.title = this.kind.name(record);
    const lines = record.lineItems?.nodes ?? [];
    this.page(
      this.kind.name(record),
      h('s-section', { heading: 'Tags' }, this.tags(record), this.addForm()),
      lines.length ? h('s-section', { heading: 'Items' }, lines.map((line) => h('s-stack', { direction: 'inline', justifyContent: 'space-between', gap: 'base' }, h('s-text', {}, line.title), quiet(`× ${line.quantity}`)))) : null,
      h('s-section', { slot: 'aside', heading: 'Details' }, this.kind.facts(record).map(([name, value]) => h('s-stack', {}, quiet(name), h('s-text', {}, value)))),
    );
  }

  tags(record) {
    if (!record.tags.length) return quiet('No tags yet.');
    return h('s-stack', { direction: 'inline', gap: 'small-200' }, record.tags.map((tag) => {
      const chip = h('s-chip', { removable: true }, tag);
      chip.addEventListener('remove', () => this.change('remove', [tag], `Removed ${tag}`));
      return chip;
    }));
  }

  addForm() {
    const field = h('s-text-field', { label: 'Add tags', placeholder: 'VIP, wholesale', name: 'tags' });
    const form = h('form', { class: 'tag-form' }, field, h('s-button', { type: 'submit' }, 'Add'));
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      const tags = field.value.split(',').map((tag) => tag.trim()).filter(Boolean);
      if (tags.length) this.change('add', tags, `Added ${tags.join(', ')}`);
    });
    return form;
  }

  async change(verb, tags, said) {
    try {
      await admin(this.view.shop, documents.tags[verb], { id: this.gid, tags });
      await this.read();
      toast(said);
    } catch (error) {
      fail(error);
    }
  }
}

// Shows the admin's own page that the view names: a list, one record, or the home page.
export function showRecords(into, view) {
  if (!view.kind) home(into, view);
  else if (view.id) new RecordPage(into, view).read();
  else new RecordList(into, view).read();
}
