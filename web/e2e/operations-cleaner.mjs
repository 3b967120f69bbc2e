// The data cleaner: a tag in two spellings is found, and becomes one.
import { check, must, picture } from './browser.mjs';
import { admin, visit } from './demo.mjs';
import { finish, productTags, shown } from './operations-steps.mjs';

export async function cleaning(page, shop, tag) {
  const spellings = [`Clean ${tag}`, `clean ${tag}`];
  const [one, other] = await productTags(shop, 2);
  await check('a scan finds the same tag in two spellings', async () => {
    await put(shop, one.id, spellings[0]);
    await put(shop, other.id, spellings[1]);
    const frame = await visit(page, shop, '/cleaner');
    await shown(frame.getByRole('button', { name: /^Scan (tags|again)$/ })).click();
    await frame
      .getByRole('checkbox', { name: `Choose ${spellings[0]}` })
      .or(frame.getByRole('checkbox', { name: `Choose ${spellings[1]}` }))
      .first()
      .waitFor({ timeout: 120_000 });
    await picture(page, 'operations-scan');
  });
  await check('the chosen finding is cleaned, and the products have one spelling', async () => {
    const frame = await visit(page, shop, '/cleaner');
    const line = frame.locator('.tt-finding').filter({ hasText: spellings[0] });
    await line.getByRole('checkbox').check();
    await line.getByRole('textbox').fill(spellings[0]);
    await shown(frame.getByRole('button', { name: 'Clean 1 finding' })).click();
    await shown(frame.getByText('Would change', { exact: true })).waitFor();
    await picture(page, 'operations-clean');
    await shown(frame.locator('s-modal').getByRole('button', { name: 'Clean 1 finding' })).click();
    await frame.getByText('Show its entry').waitFor();
    await finish(frame, 'Completed');
    const ids = [one.id, other.id];
    const { nodes } = await admin(
      shop,
      'query N($ids: [ID!]!) { nodes(ids: $ids) { ... on Product { tags } } }',
      {
        ids,
      },
    );
    for (const { tags } of nodes) must(tags.includes(spellings[0]), `the tags are ${tags.join()}`);
  });
}

async function put(shop, id, tag) {
  await admin(
    shop,
    'mutation A($id: ID!, $tags: [String!]!) { tagsAdd(id: $id, tags: $tags) { userErrors { message } } }',
    { id, tags: [tag] },
  );
}
