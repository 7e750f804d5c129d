// The slot picker on its own: keyboard, names, zones, months, history, and the day on which a coach's clock changes.
import type { Page } from '@playwright/test';
import { chooseDay, dateOf, days, dayOf, nextMonth, times } from './steps.ts';
import { expect, hydrated, test } from './test.ts';

const KIND = '/coaches/maya-lindqvist/career-crossroads';

const focused = (page: Page) => page.locator(':focus');

/** Presses Tab until the focus is on something whose accessible name matches. */
async function tabTo(page: Page, name: RegExp): Promise<void> {
  for (let press = 0; press < 80; press++) {
    await page.keyboard.press('Tab');
    const words = await focused(page).evaluate((node) => node.getAttribute('aria-label') ?? node.textContent ?? '');
    if (name.test(words)) return;
  }
  throw new Error(`Tab never came to ${name}`);
}

test('from the top of the page to a held time with the keyboard alone', async ({ page, javaScriptEnabled: scripts }) => {
  await page.goto(`${KIND}?month=${nextMonth()}`);
  await hydrated(page, scripts);
  await page.keyboard.press('Tab');
  await expect(focused(page)).toHaveText('Skip to content');
  await page.keyboard.press('Enter');
  await tabTo(page, /^\w+day \d+ \w+, \d+ times?$/);
  await expect(days(page).first()).toBeFocused();
  if (scripts) {
    await page.keyboard.press('ArrowRight');
    await expect(days(page).nth(1)).toBeFocused();
    await page.keyboard.press('End');
    await expect(days(page).last()).toBeFocused();
    await page.keyboard.press('Home');
    await page.keyboard.press('ArrowDown');
  } else {
    await page.keyboard.press('Tab');
  }
  const day = await dayOf(focused(page));
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 2, name: day })).toBeVisible();
  // The focus stays where it was: on the chosen day.
  if (scripts) await expect(page.getByRole('link', { name: new RegExp(`^${day}, `) })).toBeFocused();
  await tabTo(page, /^\d\d:\d\d\b/);
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/book\/h\//);
  await expect(page.getByText(new RegExp(`^${day} `)).first()).toBeVisible();
});

test('days and times say what they are', async ({ page, javaScriptEnabled: scripts }) => {
  await page.goto(`${KIND}?month=${nextMonth()}`);
  await hydrated(page, scripts);
  await expect(page.getByRole('table')).toHaveCount(1);
  await expect(page.getByRole('columnheader')).toHaveText(['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun']);
  const count = Number(/, (\d+) times?$/.exec((await days(page).nth(2).getAttribute('aria-label')) ?? '')?.[1]);
  const day = await chooseDay(page, 2);
  await expect(page.getByRole('link', { name: new RegExp(`^${day}, ${count} times?$`) })).toHaveAttribute('aria-current', 'date');
  await expect(page.locator('a.day[aria-current]')).toHaveCount(1);
  await expect(times(page)).toHaveCount(count);
  await expect(times(page).first()).toHaveAccessibleName(new RegExp(`^\\d\\d:\\d\\d, ${day}$`));
  if (scripts) await expect(page.getByRole('status').filter({ hasText: `${count} time` })).toHaveText(new RegExp(`^${count} times? on ${day}$`));
  const labels = await times(page).allTextContents();
  expect(labels).toEqual([...labels].sort());
  expect(new Set(labels).size).toBe(labels.length);
});

test('another zone shows other times and keeps the day', async ({ page, javaScriptEnabled: scripts }) => {
  await page.goto(`${KIND}?month=${nextMonth()}&tz=Europe/Berlin`);
  await hydrated(page, scripts);
  const date = await dateOf(days(page).nth(3));
  const day = await chooseDay(page, 3);
  const before = await times(page).allTextContents();
  await page.getByRole('combobox', { name: 'Times in' }).selectOption('America/New_York');
  if (!scripts) await page.getByRole('button', { name: 'Change' }).click();
  await expect(page.getByText('Maya is in Europe/Stockholm, 6 hours ahead.')).toBeVisible();
  await expect(page).toHaveURL(new RegExp(`day=${date}&tz=America`));
  await expect(page.getByRole('heading', { level: 2, name: day })).toBeVisible();
  const after = await times(page).allTextContents();
  const hour = (label: string | undefined) => Number(label?.slice(0, 2));
  expect(hour(after[0])).toBe(hour(before[0]) - 6);
  expect(after).toHaveLength(before.length);
  // The zone goes with the choice.
  await times(page).first().click();
  await page.waitForURL(/\/book\/h\//);
  await expect(page.getByText(/\(America\/New_York, UTC-\d+\)|\(America\/New_York, UTC−\d+\)/)).toBeVisible();
});

test('a first visit shows the visitor’s own zone', async ({ page, context, javaScriptEnabled: scripts }) => {
  test.skip(!scripts, 'only a script can tell the zone');
  await context.clearCookies({ name: 'tz' });
  await page.goto('/coaches/ananya-iyer/mock-interview');
  await expect(page.getByRole('combobox', { name: 'Times in' })).toHaveValue('Europe/Berlin');
  await expect(page.getByText(/^UTC\+[12], now \d\d:\d\d\. Ananya is in Asia\/Kolkata/)).toBeVisible();
});

test('an address leads to its day', async ({ page, another, javaScriptEnabled: scripts }) => {
  await page.goto(`${KIND}?month=${nextMonth()}`);
  await hydrated(page, scripts);
  const day = await chooseDay(page, 4);
  const address = page.url();
  expect(address).toContain('day=');
  const labels = await times(page).allTextContents();
  const other = await another();
  await other.goto(address);
  await expect(other.getByRole('heading', { level: 2, name: day })).toBeVisible();
  await expect(times(other)).toHaveText(labels);
  for (const odd of ['month=2026-99', 'day=yesterday', 'month=&day=&tz=', 'tz=Mars/Olympus', 'month=9999-12', 'month=1970-01']) {
    expect((await other.goto(`${KIND}?${odd}`))?.status(), odd).toBe(200);
    await expect(other.getByRole('table')).toBeVisible();
  }
});

test('months change without anything moving', async ({ page, javaScriptEnabled: scripts }) => {
  await page.goto(KIND);
  await hydrated(page, scripts);
  const bar = page.locator('form.zone-bar');
  const moves = page.getByRole('navigation', { name: 'Month' });
  const before = await bar.boundingBox();
  const title = page.locator('#picker-month');
  const first = (await title.textContent()) ?? '';
  // Both months around this one have five or six weeks; the sheet is always six high.
  const next = moves.getByRole('link').last();
  const to = (await next.getAttribute('aria-label')) ?? '';
  await next.click();
  await expect(title).toHaveText(to);
  expect(await bar.boundingBox()).toEqual(before);
  await moves.getByRole('link', { name: first }).click();
  await expect(title).toHaveText(first);
  expect(await bar.boundingBox()).toEqual(before);
});

test('from a day without times the next free one is a press away', async ({ page, javaScriptEnabled: scripts }) => {
  const [year = 0, month = 0] = nextMonth().split('-').map(Number);
  const sunday = Array.from({ length: 7 }, (_, at) => new Date(Date.UTC(year, month - 1, at + 8))).find((date) => date.getUTCDay() === 0);
  await page.goto(`${KIND}?day=${sunday?.toISOString().slice(0, 10)}&tz=Europe/Stockholm`);
  await hydrated(page, scripts);
  await expect(page.getByRole('heading', { level: 2, name: /^Sunday / })).toBeVisible();
  await expect(page.getByText('No free times', { exact: true })).toBeVisible();
  await page.getByText('Next free time:').getByRole('link').click();
  await expect(page.getByRole('heading', { level: 2, name: /^(Mon|Tues|Wednes|Thurs|Fri)day / })).toBeVisible();
  await expect(times(page).first()).toBeVisible();
});

test('back and forward walk through what was looked at', async ({ page, javaScriptEnabled: scripts }) => {
  // Days that no other story books.
  await page.goto(`${KIND}?month=${nextMonth()}`);
  await hydrated(page, scripts);
  const one = await chooseDay(page, 12);
  const two = await chooseDay(page, 13);
  await page.goBack();
  await expect(page.getByRole('heading', { level: 2, name: one })).toBeVisible();
  await page.goForward();
  await expect(page.getByRole('heading', { level: 2, name: two })).toBeVisible();
  await times(page).first().click();
  await page.waitForURL(/\/book\/h\//);
  await page.goBack();
  await expect(page.getByRole('heading', { level: 2, name: two })).toBeVisible();
  // The same person's own hold does not stand in their way for long: choosing another time lets go of it. Where somebody's finger may be on
  // it, the time that is held stays in its place, and cannot be chosen.
  await times(page).and(page.getByRole('button', { disabled: false })).first().click();
  await page.waitForURL(/\/book\/h\//);
});

test('a server that does not answer: the link still works', async ({ page, problems, javaScriptEnabled: scripts }) => {
  test.skip(!scripts, 'without scripts it is a link');
  problems.allow(/ERR_FAILED|Failed to load/);
  await page.route('**/srv/**', (route) => route.abort());
  await page.goto(`${KIND}?month=${nextMonth()}`);
  await hydrated(page, scripts);
  await chooseDay(page, 2);
  await expect(times(page).first()).toBeVisible();
});

test('the night on which the coach’s clock changes has every time once', async ({ page, javaScriptEnabled: scripts }) => {
  test.setTimeout(60_000);
  const kind = '/coaches/noor-haddad/night-shift';
  await page.goto(kind);
  const zone = /Noor is in (\S+), /.exec((await page.locator('.zone-note').textContent()) ?? '')?.[1] ?? '';
  expect(zone).toContain('/');
  // The browser's zone data may be older than the site's, so the site itself is asked for the day.
  let day = '';
  for (let ahead = 2; ahead < 178 && !day; ahead++) {
    const date = new Date(Date.now() + ahead * 86_400_000).toISOString().slice(0, 10);
    const html = await (await page.request.get(`${kind}?day=${date}&tz=${zone}`)).text();
    if (html.includes('picker-change')) day = date;
  }
  expect(day, 'a change of the clock within the horizon').not.toBe('');

  await page.goto(`${kind}?day=${day}&tz=${zone}`);
  await hydrated(page, scripts);
  await expect(page.getByText(new RegExp(`^Clocks in ${zone} go (back|forward) \\S+ \\w+ on this day, to \\d\\d:\\d\\d\\.$`))).toBeVisible();
  const starts = await times(page).evaluateAll((buttons) => buttons.map((button) => Date.parse((button as HTMLButtonElement).value)));
  const names = await times(page).evaluateAll((buttons) => buttons.map((button) => button.getAttribute('aria-label')));
  const gaps = starts.slice(1).map((start, at) => (start - (starts[at] ?? 0)) / 60_000);
  expect(new Set(names).size, `each time has a name of its own: ${names}`).toBe(names.length);
  expect(gaps.filter((gap) => gap <= 0)).toEqual([]);
  // From midnight to four every half hour, and again in the evening: one gap only, whatever the clock does.
  expect(gaps.filter((gap) => gap !== 30)).toHaveLength(1);
  await times(page).nth(3).click();
  await page.waitForURL(/\/book\/h\//);
  await expect(page.locator('.book-when')).toContainText(zone);
});
