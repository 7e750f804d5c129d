// Every page in every state: accessible, complete, within the screen, in light and dark.
import type { Page } from '@playwright/test';
import { book, dateOf, days, hold, nextMonth, register, signIn } from './steps.ts';
import { startServer } from './server.ts';
import { expect, hydrated, test } from './test.ts';

type Look = (name: string) => Promise<void>;

/** Looks at the page as it is: what every page has, that nothing sticks out, and what axe finds. */
function looker(page: Page, axe: (page: Page) => Promise<void>, project: string): Look {
  return async (name) => {
    await test.step(name, async () => {
      await whole(page);
      for (const width of project === 'phone' ? [320, 360] : [1280]) {
        await page.setViewportSize({ width, height: 740 });
        await within(page, width, name);
      }
      // Without scripts the document is the one that axe sees with them; the smoke test looks at one copy.
      if (project !== 'scripts-off') await axe(page);
      if (project === 'scripts-on') {
        await page.emulateMedia({ colorScheme: 'dark' });
        await axe(page);
        await page.emulateMedia({ colorScheme: 'light' });
      }
    });
  };
}

async function whole(page: Page): Promise<void> {
  await expect(page.getByRole('heading', { level: 1 })).toHaveCount(1);
  await expect(page.getByRole('heading', { level: 1 })).not.toHaveText('');
  await expect(page.getByRole('main')).toHaveCount(1);
  await expect(page).toHaveTitle(/^(Wellmet|\S.* · Wellmet)$/);
  await expect(page.locator('html')).toHaveAttribute('lang', 'en');
  const ids = await page.locator('[id]').evaluateAll((nodes) => nodes.map((node) => node.id));
  expect(ids.filter((id, at) => ids.indexOf(id) !== at), 'ids that occur twice').toEqual([]);
}

async function within(page: Page, width: number, name: string): Promise<void> {
  const sticking = await page.evaluate((width) => {
    if ((document.scrollingElement?.scrollWidth ?? 0) <= width) return [];
    const outside = [...document.querySelectorAll('body *')].filter((node) => node.getBoundingClientRect().right > width + 0.5);
    return outside.slice(-6).map((node) => `${node.tagName}.${node.className} ${Math.round(node.getBoundingClientRect().right)}`);
  }, width);
  expect(sticking, `${name}: what sticks out at ${width} px`).toEqual([]);
}

test.describe.configure({ timeout: 120_000 });

test('what visitors see', async ({ page, axe, problems, javaScriptEnabled: scripts }, info) => {
  problems.allow(/status of 4(04|09|22)/);
  const look = looker(page, axe, info.project.name);
  const see = async (name: string, path: string) => {
    await page.goto(path);
    await hydrated(page, scripts);
    await look(name);
  };
  await see('home', '/');
  await see('directory', '/coaches');
  await see('directory, narrowed', '/coaches?topic=Leadership&language=English');
  await see('directory, nobody', '/coaches?q=zeppelin');
  await see('directory, days that cannot be', '/coaches?free_from=2020-01-01&free_until=2020-01-02');
  await see('profile', '/coaches/maya-lindqvist');
  await see('picker', `/coaches/maya-lindqvist/career-crossroads?month=${nextMonth()}`);
  await see('picker, nothing free', '/coaches/maya-lindqvist/career-crossroads?month=2049-01');
  await see('a time that is not on offer', '/book/maya-lindqvist/career-crossroads?start=2049-01-01T09:00:00Z');
  await see('404', '/nowhere');
});

test('the forms that visitors fill in', async ({ page, axe, problems, javaScriptEnabled: scripts }, info) => {
  problems.allow(/status of (409|422)/);
  const look = looker(page, axe, info.project.name);
  await page.goto('/login');
  await look('login');
  await page.getByRole('textbox', { name: 'Email' }).fill('nobody@example.org');
  await page.getByLabel('Password').fill('x');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('alert')).toBeVisible();
  await look('login, wrong');
  await page.goto('/register');
  await hydrated(page, scripts);
  await look('register');
  await page.getByRole('textbox', { name: /^Your name/ }).fill('   ');
  await page.getByRole('textbox', { name: /^Email/ }).fill('a@b');
  await page.getByLabel('Password').fill('          ');
  await page.getByRole('combobox', { name: /^Your time zone/ }).selectOption('Europe/Berlin');
  await page.getByRole('button', { name: 'Create account' }).click();
  await expect(page.getByRole('alert')).toBeVisible();
  await look('register, mistakes');

  const { start } = await hold(page, 'maya-lindqvist/career-crossroads', 9, 2);
  await hydrated(page, scripts);
  await look('form of a held time');
  await page.getByRole('textbox', { name: 'Mail address' }).fill('a@b');
  await page.getByLabel('Password').fill('x');
  await page.getByRole('button', { name: 'Book this session' }).click();
  await expect(page.getByRole('alert')).toBeVisible();
  await look('form of a held time, mistakes');
  await page.goto(`/book/maya-lindqvist/intro-call?start=${encodeURIComponent(start)}`);
  await look('a time just taken, or a link to one');
});

test('what mentees see', async ({ page, another, axe, problems, javaScriptEnabled: scripts }, info) => {
  problems.allow(/status of 403/);
  const look = looker(page, axe, info.project.name);
  const see = async (name: string, path: string) => {
    await page.goto(path);
    await hydrated(page, scripts);
    await look(name);
  };
  await signIn(page, 'jonas');
  await see('bookings', '/bookings');
  await see('past bookings', '/bookings?show=past');
  const { path } = await book(page, 'denise-walker/the-hard-conversation', 10);
  await look('a booking, just booked');
  await see('cancelling', `${path}/cancel`);
  await see('moving', `${path}/move`);
  await see('settings', '/settings');
  await see('settings, security', '/settings?tab=security');
  await see('403', '/dashboard');
  await register(page, 'New Here');
  await see('no bookings yet', '/bookings');
  await see('nothing past', '/bookings?show=past');
  expect(another).toBeDefined();
});

test('what coaches see', async ({ page, axe, problems, javaScriptEnabled: scripts }, info) => {
  problems.allow(/status of 422/);
  const look = looker(page, axe, info.project.name);
  const see = async (name: string, path: string) => {
    await page.goto(path);
    await hydrated(page, scripts);
    await look(name);
  };
  await signIn(page, 'maya');
  await see('dashboard', '/dashboard');
  await see('declining', (await page.getByRole('link', { name: /^Decline the request/ }).first().getAttribute('href')) ?? '');
  await see('own profile', '/coaches/maya-lindqvist');
  await see('session types', '/dashboard/session-types');
  await see('a session type', (await page.getByRole('link', { name: 'Edit Deep dive' }).getAttribute('href')) ?? '');
  await page.getByRole('textbox', { name: 'Name' }).fill('   ');
  await page.getByRole('textbox', { name: /^Price/ }).fill('a lot');
  await page.getByRole('button', { name: 'Save session type' }).click();
  await expect(page.getByRole('alert')).toBeVisible();
  await look('a session type, mistakes');
  await page.getByRole('link', { name: 'Archive this session type' }).click();
  await look('archiving');
  await see('a new session type', '/dashboard/session-types/new');
  await see('settings', '/dashboard/settings');
  await page.getByRole('textbox', { name: /^Address of your page/ }).fill('x');
  await page.getByRole('button', { name: 'Save your page' }).click();
  await expect(page.getByRole('alert')).toBeVisible();
  await look('settings, mistakes');
  await see('settings, security', '/dashboard/settings?tab=security');
  await register(page, 'Fresh Coach', 'coach');
  await see('a first day', '/dashboard');
});

test('hours, as coaches see them', async ({ page, axe, problems, javaScriptEnabled: scripts }, info) => {
  problems.allow(/status of 422/);
  const look = looker(page, axe, info.project.name);
  await signIn(page, 'noor');
  await page.goto('/dashboard/availability');
  await hydrated(page, scripts);
  await look('hours');
  await page.getByLabel('Monday until').first().fill('00:30');
  await page.getByLabel('Monday from').first().fill('02:00');
  await page.getByLabel('Copy Friday to other days').click();
  await look('hours, a menu open');
  await page.getByRole('button', { name: 'Save hours' }).click();
  await expect(page.getByRole('alert')).toBeVisible();
  await hydrated(page, scripts);
  await look('hours, mistakes');
  await page.locator('.track-day-details summary').first().click();
  await look('hours, a day of the preview open');
  await page.goto(`/dashboard/availability/dates?month=${nextMonth()}`);
  await look('dates');
  await page.goto(`/dashboard/availability/dates/${nextMonth()}-15`);
  await look('a date');
  await page.getByRole('radio', { name: 'Open in these windows' }).check();
  await page.getByLabel('Window 1 until').fill('00:00');
  await page.getByLabel('Window 1 from').fill('23:00');
  await page.getByLabel('Window 2 from').fill('');
  await page.getByRole('button', { name: 'Save this date' }).click();
  await expect(page.getByRole('alert')).toBeVisible();
  await look('a date, mistakes');
});

test('what admins see', async ({ page, axe, javaScriptEnabled: scripts }, info) => {
  const look = looker(page, axe, info.project.name);
  const see = async (name: string, path: string) => {
    await page.goto(path);
    await hydrated(page, scripts);
    await look(name);
  };
  await signIn(page, 'admin');
  await see('overview', '/admin');
  await see('people', '/admin/users');
  await see('a person', (await page.getByRole('link', { name: /Kenji Sato/ }).getAttribute('href')) ?? '');
  await see('nobody', '/admin/users?q=zeppelin');
  await see('bookings', '/admin/bookings');
  await see('a booking', (await page.getByRole('main').getByRole('link', { name: / with / }).first().getAttribute('href')) ?? '');
});

test('an installation without coaches', async ({ page, axe }, info) => {
  const look = looker(page, axe, info.project.name);
  const server = await startServer(true);
  try {
    await page.goto(`${server.url}/`);
    await expect(page.getByRole('heading', { name: 'The first coaches are still on their way' })).toBeVisible();
    await look('home');
    await page.goto(`${server.url}/coaches`);
    await expect(page.getByText('No coaches yet')).toBeVisible();
    await look('directory');
  } finally {
    await server.stop();
  }
});

test('Tab reaches everything that can be used, in order, and shows where it is', async ({ page, javaScriptEnabled: scripts }, info) => {
  test.skip(info.project.name === 'phone', 'the same document');
  test.setTimeout(120_000);
  await signIn(page, 'maya');
  const paths = ['/coaches/tomas-ferreira', '/dashboard', '/dashboard/availability', '/dashboard/session-types/new', '/dashboard/settings', '/coaches'];
  for (const path of paths) {
    await page.goto(path);
    await hydrated(page, scripts);
    // Marks what should be reached, in the order of the document. Of a group of radios one is.
    const wanted = await page.evaluate(() => {
      const all = [...document.querySelectorAll<HTMLElement>('a[href], button, input, select, textarea, summary')];
      const seen = all.filter((node) => {
        if (node.tabIndex < 0 || node.matches(':disabled, input[type=hidden]')) return false;
        if (node instanceof HTMLInputElement && node.type === 'radio' && !node.checked) return false;
        return node.checkVisibility({ visibilityProperty: true, contentVisibilityAuto: true });
      });
      seen.forEach((node, at) => node.setAttribute('data-nth', String(at)));
      return seen.length;
    });
    const reached: number[] = [];
    // Of a date field the parts are stops of their own; on its last, the browser draws the ring around that part.
    const seen = new Set<string>();
    const words = new Map<string, string>();
    for (let press = 0; press < wanted * 4; press++) {
      await page.keyboard.press('Tab');
      const here = await page.evaluate(() => {
        const node = document.activeElement;
        if (!node || node === document.body) return null;
        // A card's ring stands around the card, not around its radio.
        const ring = [node, node.closest('label')].some((drawn) => {
          const style = drawn && getComputedStyle(drawn);
          return style && style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
        });
        const box = node.getBoundingClientRect();
        const shown = ring && box.bottom > 0 && box.top < innerHeight;
        return { nth: node.getAttribute('data-nth') ?? '', shown, words: node.outerHTML.slice(0, 120) };
      });
      // From the end the browser begins again.
      if (!here || (here.nth === '0' && reached.length > 1)) break;
      words.set(here.nth, here.words);
      if (here.shown) seen.add(here.nth);
      if (here.nth && reached.at(-1) !== Number(here.nth)) reached.push(Number(here.nth));
    }
    expect([...words].filter(([nth]) => !seen.has(nth)).map(([, html]) => html), `${path}: reached unseen`).toEqual([]);
    expect(reached, path).toEqual(Array.from({ length: wanted }, (_, at) => at));
  }
});

test('who wants no motion gets none', async ({ page, javaScriptEnabled: scripts }) => {
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await page.goto(`/coaches/maya-lindqvist/career-crossroads?month=${nextMonth()}`);
  await hydrated(page, scripts);
  expect(await dateOf(days(page).first())).not.toBe('');
  const slow = await page.evaluate(() => {
    const seconds = (node: Element) => Math.max(...getComputedStyle(node).transitionDuration.split(',').map(parseFloat));
    return [...document.querySelectorAll('*')].filter((node) => seconds(node) > 0.001).length + document.getAnimations().length;
  });
  expect(slow).toBe(0);
});

test('the colours that were chosen stay', async ({ page }) => {
  await page.goto('/coaches');
  await page.getByRole('button', { name: 'Dark' }).click();
  await expect(page).toHaveURL(/\/coaches$/);
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
  await expect(page.getByRole('button', { name: 'Dark' })).toHaveAttribute('aria-pressed', 'true');
  const paper = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const dark = await paper();
  await page.getByRole('button', { name: 'Light' }).click();
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'light');
  expect(await paper()).not.toBe(dark);
  await page.getByRole('button', { name: 'System' }).click();
  await expect(page.locator('html')).not.toHaveAttribute('data-theme');
});
