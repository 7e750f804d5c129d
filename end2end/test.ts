// What every spec imports instead of '@playwright/test': a running site, and no silent errors.
import { AxeBuilder } from '@axe-core/playwright';
import { type Browser, type BrowserContext, test as base, expect, type Page } from '@playwright/test';
import { type Server, startServer } from './server.ts';

const WCAG = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];

/** The errors a page reported. A test fails on each that it did not announce with `allow`. */
class Problems {
  readonly #seen: string[] = [];
  readonly #allowed: RegExp[] = [];

  /** Says that this test provokes errors matching `pattern`, for example /status of 409/. */
  allow(pattern: RegExp): void {
    this.#allowed.push(pattern);
  }

  note(text: string): void {
    this.#seen.push(text);
  }

  unexpected(): string[] {
    return this.#seen.filter((text) => !this.#allowed.some((pattern) => pattern.test(text)));
  }
}

type TestFixtures = {
  problems: Problems;
  axe: (page: Page) => Promise<void>;
  /** A page in a browser of its own: somebody else, or the same person elsewhere. */
  another: () => Promise<Page>;
};
// One site and one database for each worker of each project: what one changes, no other sees.
type WorkerFixtures = { server: Server };

export const test = base.extend<TestFixtures, WorkerFixtures>({
  server: [
    async ({}, use) => {
      const server = await startServer();
      await use(server);
      await server.stop();
    },
    { scope: 'worker', timeout: 60_000 },
  ],

  baseURL: async ({ server }, use) => {
    await use(server.url);
  },

  problems: [
    async ({ context, server, javaScriptEnabled }, use, testInfo) => {
      const problems = new Problems();
      const logStart = server.log().length;
      await prepare(context, problems, server.url, javaScriptEnabled);
      await use(problems);
      if (testInfo.status !== testInfo.expectedStatus) {
        await testInfo.attach('server.log', { body: server.log().slice(logStart), contentType: 'text/plain' });
      }
      expect(problems.unexpected(), 'errors that the browser reported').toEqual([]);
    },
    { auto: true },
  ],

  another: async ({ browser, server, problems, javaScriptEnabled }, use) => {
    const contexts: BrowserContext[] = [];
    await use(async () => {
      const context = await browser.newContext();
      contexts.push(context);
      await prepare(context, problems, server.url, javaScriptEnabled);
      return context.newPage();
    });
    for (const context of contexts) await context.close();
  },

  axe: async ({ browser, javaScriptEnabled }, use) => {
    await use((page) => (javaScriptEnabled ? check(page, page.url()) : checkCopy(browser, page)));
  },
});

/** Notes what goes wrong in `context`, and makes it that of somebody who has been here before. */
async function prepare(context: BrowserContext, problems: Problems, url: string, scripts: boolean): Promise<void> {
  context.on('console', (message) => {
    if (message.type() === 'error') problems.note(`console: ${message.text()} (${message.location().url})`);
  });
  context.on('weberror', (error) => {
    const { message, stack } = error.error();
    // The browser gave up fading from one page to the next, as it may: nothing is lost.
    if (!message.startsWith('Transition was ')) problems.note(`page error: ${stack || message}`);
  });
  // The browser also writes violations to the console, but not all of them everywhere.
  await context.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (event) => {
      console.error(`content policy: ${event.violatedDirective} refused ${event.blockedURI || 'inline'}`);
    });
  });
  // Where scripts run, the first page notes the browser's zone. A test about that first page takes the cookie away.
  if (scripts) await context.addCookies([{ name: 'tz', value: 'Europe/Berlin', url }]);
}

/** axe itself needs scripts: it looks at a copy of the page, in which only the page's own are off. */
async function checkCopy(browser: Browser, page: Page): Promise<void> {
  const context = await browser.newContext({ javaScriptEnabled: true });
  const copy = await context.newPage();
  const headers = { 'content-security-policy': "script-src 'none'" };
  const body = await page.content();
  await copy.route(page.url(), (route) => route.fulfill({ body, headers, contentType: 'text/html; charset=utf-8' }));
  await copy.goto(page.url());
  await check(copy, page.url());
  await context.close();
}

async function check(page: Page, url: string): Promise<void> {
  await settled(page);
  const { violations } = await new AxeBuilder({ page }).withTags(WCAG).analyze();
  const words = violations.map((v) => `${v.id}: ${v.help}\n  ${v.nodes.map((n) => n.html).join('\n  ')}`);
  expect(words, `accessibility of ${url}`).toEqual([]);
}

/** Waits until nothing fades any more: half-way between two colours any contrast is wrong. What is not drawn does not fade, and never ends. */
async function settled(page: Page): Promise<void> {
  await page.evaluate(async () => {
    const passing = document.getAnimations().filter((one) => one.effect?.getComputedTiming().iterations !== Infinity);
    const patience = new Promise((done) => setTimeout(done, 1000));
    await Promise.race([Promise.allSettled(passing.map((one) => one.finished)), patience]);
  });
}

/** Waits until the islands answer. Does nothing where scripts are off, or where the page has no island. */
export async function hydrated(page: Page, javaScriptEnabled: boolean): Promise<void> {
  if (!javaScriptEnabled || (await page.locator('html[data-islands]').count()) === 0) return;
  await page.locator('html[data-hydrated]').waitFor();
}

export { expect };
