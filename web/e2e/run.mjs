// The browser tests: `DEMO_URL=http://localhost:8081 npm run e2e` against a running demo.
// SCREENSHOTS names a folder for pictures; CHROMIUM names the browser.
import { sum } from './browser.mjs';
import { firstShop } from './demo.mjs';
import { walk } from './faces.mjs';
import { findThings } from './log.mjs';
import { operations } from './operations.mjs';
import { story } from './story.mjs';
import { streams } from './streams.mjs';
import { vitals } from './vitals.mjs';
import { why } from './why.mjs';

const shop = await firstShop();
await story(shop);
await findThings(shop);
await why(shop);
await operations(shop);
await streams(shop);
await vitals(shop);
await walk(shop);
process.exit(sum());
