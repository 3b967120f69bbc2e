// Starts the simulated admin: who is looking at which store, the bars around the page, and the page itself.
import { at, h, icon, initialsOf, faceOf } from './admin/dom.js';
import { simulator } from './admin/simulator.js';
import { toast } from './admin/toasts.js';
import { AppFrame } from './admin/frame.js';
import { showRecords } from './admin/records.js';

const kinds = { orders: 'Orders', products: 'Products', customers: 'Customers' };

const state = {
  shops: [], config: {}, shop: null, staff: null, links: [], place: '/',
};

const handleOf = (shop) => shop.replace(/\.myshopify\.com$/, '');
const base = () => `/${state.shop.shop}/admin`;
const route = () => location.pathname.split('/').slice(3).map(decodeURIComponent);
const appPath = (place) => `${base()}/apps/tagtrail${place === '/' ? '' : place}`;

const frame = new AppFrame(state, {
  moved(place) {
    state.place = place;
    history.replaceState(null, '', appPath(place));
    drawSide();
  },
  linked(links) {
    state.links = links;
    drawSide();
  },
  opened(path, blank) {
    const address = base() + path;
    if (blank) window.open(address, '_blank', 'noopener');
    else go(address);
  },
});

// Moves to another page of the admin; unsaved changes of the app are asked about first.
async function go(address) {
  if (!await frame.mayLeave()) return;
  const inApp = address.startsWith(`${base()}/apps/tagtrail`);
  if (inApp && frame.live) {
    frame.navigate(address.slice(`${base()}/apps/tagtrail`.length) || '/');
    openSide(false);
    return;
  }
  history.pushState(null, '', address);
  show();
}

function openSide(open) {
  at('side').classList.toggle('open', open);
  at('scrim').hidden = !open;
  at('menu').setAttribute('aria-expanded', String(open));
}

function sideLink(label, path, picture, current, kind = '') {
  const link = h('a', { href: path, class: kind, 'aria-current': current ? 'page' : null }, picture, label);
  link.addEventListener('click', (event) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
    event.preventDefault();
    go(path);
  });
  return link;
}

// The link that names the place best: the longest one that the place begins with.
function currentLink() {
  const path = state.place.split(/[?#]/)[0];
  return state.links
    .filter(({ href }) => path === href || path.startsWith(href === '/' ? '/' : `${href}/`) || path.startsWith(`${href}?`))
    .sort((a, b) => b.href.length - a.href.length)[0];
}

function drawSide() {
  const [first, second] = route();
  const inApp = first === 'apps';
  const current = inApp ? currentLink() : null;
  const home = state.links.find((link) => link.home)?.href ?? '/';
  const items = [
    sideLink('Home', base(), icon('home'), !first),
    ...Object.entries(kinds).map(([kind, label]) => sideLink(label, `${base()}/${kind}`, icon({ orders: 'order', products: 'product', customers: 'person' }[kind]), first === kind && !second)),
    h('div', { class: 'group' }, 'Apps'),
    sideLink('Tagtrail', appPath(home), h('span', { class: 'app-mark' }, icon('product')), inApp && (!current || current.home)),
    ...(inApp ? state.links.filter((link) => !link.home).map((link) => sideLink(link.label, appPath(link.href), '', link === current, 'sub')) : []),
  ];
  at('side').replaceChildren(...items);
}

function faceOfStaff(staff) {
  const [ground, ink] = faceOf(staff?.name ?? '');
  return h('span', { class: 'face', style: `background:${ground};color:${ink}`, 'aria-hidden': 'true' }, initialsOf(staff?.name ?? '?'));
}

function choiceOf(label, chosen, before, after, act) {
  const button = h('button', { type: 'button', role: 'menuitemradio', 'aria-checked': String(chosen) }, before, h('span', { class: 'grow' }, label), after);
  button.addEventListener('click', act);
  return button;
}

function drawTop() {
  const pop = h('div', { class: 'pop', id: 'who', popover: 'auto', role: 'menu', 'aria-label': 'Store and staff' });
  const button = h(
    'button',
    { class: 'top-button', type: 'button', 'aria-haspopup': 'menu', 'aria-label': `${state.shop.name}, ${state.staff?.name ?? 'nobody'}: change store or staff` },
    h('span', { class: 'shop-name' }, state.staff?.name ?? ''),
    faceOfStaff(state.staff),
  );
  button.popoverTargetElement = pop;
  pop.addEventListener('beforetoggle', () => {
    const box = button.getBoundingClientRect();
    pop.style.top = `${box.bottom + 6}px`;
    pop.style.right = `${innerWidth - box.right}px`;
  });
  pop.append(
    h('h2', {}, 'Store'),
    ...state.shops.map((shop) => choiceOf(shop.name ?? handleOf(shop.shop), shop === state.shop, icon('store'), h('span', { class: 'plan' }, shop.plan ?? ''), () => {
      location.assign(location.pathname.replace(/^\/[^/]+/, `/${shop.shop}`).replace(/\/(orders|products|customers)\/.*$/, '/$1'));
    })),
    h('h2', {}, 'Staff'),
    ...(state.shop.staff ?? []).map((staff) => choiceOf(staff.name, staff === state.staff, faceOfStaff(staff), '', () => {
      localStorage.setItem(`staff:${state.shop.shop}`, String(staff.id));
      location.reload();
    })),
  );
  const traffic = h('input', { type: 'checkbox', role: 'switch', id: 'traffic', 'aria-label': 'Live traffic' });
  traffic.checked = Boolean(state.config.traffic);
  traffic.addEventListener('change', async () => {
    try {
      await simulator.setTraffic(traffic.checked);
      toast(traffic.checked ? 'Live traffic is on' : 'Live traffic is off');
    } catch (error) {
      traffic.checked = !traffic.checked;
      toast(error.message, { isError: true });
    }
  });
  at('brand').replaceChildren(icon('store'), h('span', {}, state.shop.name ?? handleOf(state.shop.shop)));
  at('top-end').replaceChildren(
    h('span', { class: 'marker' }, 'Simulated store'),
    h('label', { class: 'traffic', title: 'Orders, customers and products change by themselves' }, traffic, h('span', {}, 'Live traffic')),
    button,
    pop,
  );
}

function show() {
  const [first, second, ...rest] = route();
  openSide(false);
  if (first === 'apps') {
    state.place = `/${rest.join('/')}${location.search}${location.hash}`;
    frame.open(at('content'), state.place);
  } else {
    frame.close();
    document.title = `${kinds[first] ?? 'Home'} · ${state.shop.name ?? state.shop.shop}`;
    showRecords(at('content'), { shop: state.shop.shop, base: base(), kind: kinds[first] ? first : '', id: second, go });
  }
  drawSide();
}

function wire() {
  at('menu').append(icon('menu'));
  at('menu').addEventListener('click', () => openSide(!at('side').classList.contains('open')));
  at('scrim').addEventListener('click', () => openSide(false));
  at('search-icon').append(icon('search'));
  at('search').addEventListener('submit', (event) => {
    event.preventDefault();
    const [first] = route();
    const kind = kinds[first] ? first : 'orders';
    go(`${base()}/${kind}?query=${encodeURIComponent(at('search-text').value)}`);
  });
  addEventListener('keydown', (event) => {
    if (event.key === 'Escape') openSide(false);
    if (event.key === 'k' && (event.metaKey || event.ctrlKey)) {
      event.preventDefault();
      at('search-text').focus();
    }
  });
  // The app's own history lives in its frame; ours moves only between the admin's pages.
  addEventListener('popstate', () => {
    if (route()[0] === 'apps' && frame.live) return;
    show();
  });
}

async function start() {
  [state.shops, state.config] = await Promise.all([simulator.shops(), simulator.config()]);
  const wanted = decodeURIComponent(location.pathname.split('/')[1]);
  state.shop = state.shops.find(({ shop }) => shop === wanted || handleOf(shop) === wanted);
  if (!state.shop) throw new Error(`The simulator has no store ${wanted}.`);
  if (wanted !== state.shop.shop) history.replaceState(null, '', location.href.replace(`/${wanted}/`, `/${state.shop.shop}/`));
  const chosen = localStorage.getItem(`staff:${state.shop.shop}`);
  state.staff = (state.shop.staff ?? []).find(({ id }) => String(id) === chosen) ?? state.shop.staff?.[0] ?? null;
  drawTop();
  wire();
  show();
}

start().catch((error) => {
  at('content').replaceChildren(h('p', { class: 'trouble', role: 'alert' }, error.message));
});
