// What people do on the site, for specs to tell stories with. Everything is found as a person finds it: by role and name.
import { expect, type Locator, type Page } from '@playwright/test';
import { hydrated } from './test.ts';

/** The password of everyone in the demo. */
export const PASSWORD = 'wellmet-demo';

/** Signs in someone of the demo (`maya`), without the form. */
export async function signIn(page: Page, who: string, password = PASSWORD): Promise<void> {
  const email = who.includes('@') ? who : `${who}@wellmet.example`;
  const answer = await page.request.post('/login', { form: { email, password }, maxRedirects: 0 });
  expect(answer.status(), `sign-in of ${email}`).toBe(303);
}

/** Makes an account, without the form. Gives its mail address. */
export async function register(page: Page, name: string, role: 'client' | 'coach' = 'client'): Promise<string> {
  const email = `${name.toLowerCase().replace(/\W+/g, '.')}.${Date.now()}@example.org`;
  const form = { name, email, role, password: 'a long enough one', time_zone: 'Europe/Berlin' };
  const answer = await page.request.post('/register', { form, maxRedirects: 0 });
  expect(answer.status(), `registration of ${name}`).toBe(303);
  return email;
}

/** `2026-12`: the month after this one. All of it lies within what every coach of the demo offers. */
export function nextMonth(): string {
  const now = new Date();
  return new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1, 1)).toISOString().slice(0, 7);
}

/** The picker's days that have times. */
export const days = (page: Page): Locator => page.getByRole('link', { name: /^\w+day \d+ \w+, \d+ times?$/ });

/** The times of the chosen day. */
export const times = (page: Page): Locator => page.getByRole('button', { name: /^\d\d:\d\d\b/ });

/** `Tuesday 8 December` of a link to a day. */
export async function dayOf(link: Locator): Promise<string> {
  return ((await link.getAttribute('aria-label')) ?? '').split(',')[0] ?? '';
}

/** `2026-12-08` of a link to a day. */
export async function dateOf(link: Locator): Promise<string> {
  return new URL((await link.getAttribute('href')) ?? '', 'http://x').searchParams.get('day') ?? '';
}

/** Turns the picker to the next month. With scripts it changes in place, a moment later. */
export async function turnMonth(page: Page): Promise<void> {
  const month = page.locator('#picker-month');
  const before = (await month.textContent()) ?? '';
  await page.getByRole('navigation', { name: 'Month' }).getByRole('link').last().click();
  await expect(month).not.toHaveText(before);
}

/** Chooses a day in the picker and waits for its times. Gives the day in words. */
export async function chooseDay(page: Page, nth: number): Promise<string> {
  const link = days(page).nth(nth);
  const day = await dayOf(link);
  await link.click();
  await expect(page.getByRole('heading', { level: 2, name: day })).toBeVisible();
  return day;
}

/** What was held: the day in words, the time, and the instant. */
export type Choice = { day: string; time: string; start: string };

/** Opens the picker of `coach/kind` next month, chooses a day and a time, and waits for the form. */
export async function hold(page: Page, kind: string, nth = 0, time = 0): Promise<Choice> {
  await page.goto(`/coaches/${kind}?month=${nextMonth()}&tz=Europe/Berlin`);
  await hydrated(page, await scripted(page));
  const day = await chooseDay(page, nth);
  return { day, ...(await chooseTime(page, time)) };
}

/** Presses one of the times shown, and waits for the form. */
export async function chooseTime(page: Page, nth = 0): Promise<{ time: string; start: string }> {
  const button = times(page).nth(nth);
  const chosen = { time: ((await button.textContent()) ?? '').slice(0, 5), start: (await button.getAttribute('value')) ?? '' };
  await button.click();
  await page.waitForURL(/\/book\/h\//);
  return chosen;
}

/** Holds a time and books it. Gives the booking's path. The page must belong to a mentee who is signed in. */
export async function book(page: Page, kind: string, nth = 0, time = 0): Promise<Choice & { path: string }> {
  const choice = await hold(page, kind, nth, time);
  await page.getByRole('button', { name: /^(Book|Request) this session$/ }).click();
  await page.waitForURL(/\/bookings\/[^/]+\?done=/);
  return { ...choice, path: new URL(page.url()).pathname };
}

/** Whether the page's scripts run. */
async function scripted(page: Page): Promise<boolean> {
  return (await page.context().cookies()).some((cookie) => cookie.name === 'tz');
}
