// The browser tests: `DEMO_URL=http://localhost:8081 npm run e2e` against a running demo.
// SCREENSHOTS names a folder for pictures, CHROMIUM the browser; DEMO_DATA is the demo’s folder and TAGTRAIL the program,
// for what is looked up and done there.
import { sum } from './browser.mjs';
import { firstShop } from './demo.mjs';
import { exports } from './exports.mjs';
import { walk } from './faces.mjs';
import { findThings } from './log.mjs';
import { notifications } from './notifications.mjs';
import { operations } from './operations.mjs';
import { privacy } from './privacy.mjs';
import { storage } from './storage.mjs';
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
// These fill the log, remove from it, and end with a shop that left: they come last.
await Promise.all([exports(shop), notifications(shop)]);
await privacy(shop);
await storage(shop);
process.exit(sum());
