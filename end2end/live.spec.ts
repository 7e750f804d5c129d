// Pages that follow what happens elsewhere: two people look, one does something, the other sees it without a reload.
import type { Page } from '@playwright/test';
import { book, chooseDay, chooseTime, dateOf, days, nextMonth, signIn, times } from './steps.ts';
import { expect, hydrated, test } from './test.ts';

// Nobody else's specs book with this coach and session type.
const COACH = 'tomas-ferreira';
const KIND = `${COACH}/portfolio-review`;

/** Opens the picker of next month on its `nth` day with times. Gives the day in words. */
async function look(page: Page, nth: number, scripts: boolean): Promise<string> {
  await page.goto(`/coaches/${KIND}?month=${nextMonth()}&tz=Europe/Berlin`);
  await hydrated(page, scripts);
  return chooseDay(page, nth);
}

/** Notes that the document is this one: a page that is loaded anew has no such note. */
const stay = (page: Page): Promise<void> => page.evaluate(() => void (document.documentElement.dataset.stayed = 'yes'));
const stayed = (page: Page): Promise<boolean> => page.evaluate(() => document.documentElement.dataset.stayed === 'yes');

test.describe('with scripts', () => {
  test.skip(({ javaScriptEnabled }) => !javaScriptEnabled, 'nothing is live without scripts');

  test('a time taken elsewhere goes from the picker, and is announced', async ({ page, another }) => {
    const day = await look(page, 10, true);
    await stay(page);
    const before = await times(page).count();
    const other = await another();
    await look(other, 10, true);
    const taken = await chooseTime(other, 1);

    const said = page.locator('.picker [role=status]');
    const words = before === 2 ? '1 time' : `${before - 1} times`;
    await expect(said).toContainText(`Times have changed: ${words} on ${day}.`);
    await expect(page.locator('.picker-count')).toHaveText(words);
    await expect(page.locator(`#times button[value="${taken.start}"]:not([aria-disabled])`)).toHaveCount(0);

    // Let go of, it comes back.
    await other.getByRole('button', { name: 'Choose another time' }).click();
    await expect(said).toContainText(`Times have changed: ${before === 1 ? '1 time' : `${before} times`} on ${day}.`);
    expect(await stayed(page)).toBe(true);
  });

  test('the time under the focus stays where it is, and its loss is said', async ({ page, another, axe }) => {
    const day = await look(page, 11, true);
    await stay(page);
    const button = times(page).nth(1);
    const start = (await button.getAttribute('value')) ?? '';
    const label = ((await button.textContent()) ?? '').slice(0, 5);
    const next = await times(page).nth(2).getAttribute('value');
    await button.focus();
    const place = await button.boundingBox();
    const other = await another();
    await look(other, 11, true);
    expect((await chooseTime(other, 1)).start).toBe(start);

    await expect(page.locator('.picker [role=status]')).toContainText(`${label}, where you are, has been taken.`);
    const focused = page.locator('#times button:focus');
    await expect(focused).toHaveAttribute('value', start);
    await expect(focused).toHaveAttribute('aria-disabled', 'true');
    await expect(focused).toHaveAccessibleName(new RegExp(`${label}.*${day}, taken`));
    expect(await focused.boundingBox()).toEqual(place);
    await expect(times(page).nth(2)).toHaveAttribute('value', next ?? '');
    await page.keyboard.press('Enter');
    await axe(page);
    expect(await stayed(page)).toBe(true);
  });

  test('a booking appears on the coach’s dashboard and goes from the mentee’s list', async ({ page, another }) => {
    await page.goto(`/coaches/${KIND}?month=${nextMonth()}&tz=Europe/Berlin`);
    const date = await dateOf(days(page).nth(12));
    await signIn(page, 'tomas');
    await page.goto(`/dashboard?week=${date}`);
    await hydrated(page, true);
    await page.mouse.move(0, 0);
    const mentee = await another();
    await signIn(mentee, 'lucia');
    const elsewhere = await another();
    await signIn(elsewhere, 'lucia');
    await mentee.goto('/bookings');
    await hydrated(mentee, true);
    for (const who of [page, mentee]) await stay(who);
    const rows = mentee.locator('.rows .row');
    const before = await rows.count();

    const booked = await book(elsewhere, KIND, 12, 0);
    await expect(rows).toHaveCount(before + 1);
    await expect(mentee.locator(`a[href="${booked.path}"]`)).toBeVisible();
    await expect(mentee.getByRole('status').filter({ hasText: 'This page has been brought up to date.' })).toHaveCount(1);
    await expect(page.locator(`[href="${booked.path}"]`).first()).toBeAttached();
    await expect(page.getByRole('status').filter({ hasText: 'This page has been brought up to date.' })).toHaveCount(1);

    // Somebody who is at work in there is asked first.
    await mentee.locator(`a[href="${booked.path}"]`).focus();
    await elsewhere.goto(`${booked.path}/cancel`);
    await elsewhere.getByRole('button', { name: /Cancel/ }).click();
    await elsewhere.waitForURL(/done=cancelled/);
    const show = mentee.getByRole('button', { name: 'Show' });
    await expect(show).toBeVisible();
    await expect(mentee.locator(`a[href="${booked.path}"]`)).toBeFocused();
    await show.click();
    await expect(rows).toHaveCount(before);
    await expect(mentee.locator('#live-region')).toBeFocused();
    await expect(show).toBeHidden();
    for (const who of [page, mentee]) expect(await stayed(who)).toBe(true);
  });

  test('a page that was out of sight catches up when it is shown again', async ({ page, another }) => {
    await look(page, 13, true);
    const before = await times(page).count();
    const streams: string[] = [];
    page.on('request', (request) => {
      if (request.url().includes('/live/')) streams.push(request.url());
    });
    const hide = (hidden: boolean) =>
      page.evaluate((hidden) => {
        Object.defineProperty(document, 'hidden', { configurable: true, get: () => hidden });
        document.dispatchEvent(new Event('visibilitychange'));
      }, hidden);
    await hide(true);
    const other = await another();
    await look(other, 13, true);
    await chooseTime(other, 0);
    await page.waitForTimeout(2500);
    await expect(times(page)).toHaveCount(before);
    await hide(false);
    await expect(page.locator('.picker [role=status]')).toContainText('Times have changed');
    expect(streams).toHaveLength(1);
  });
});

test('without scripts pages show what is, each time they are asked for', async ({ page, another, javaScriptEnabled: scripts }) => {
  test.skip(scripts, 'the others say what happens with scripts');
  await look(page, 14, scripts);
  const before = await times(page).count();
  const other = await another();
  await look(other, 14, scripts);
  await chooseTime(other, 0);
  await expect(times(page)).toHaveCount(before);
  await page.reload();
  await expect(times(page)).toHaveCount(before - 1);
  await signIn(page, 'tomas');
  await page.goto('/dashboard');
  await expect(page.locator('#live-region')).toBeVisible();
  await expect(page.getByText('Something has changed.')).toBeHidden();
  await expect(days(page)).toHaveCount(0);
});
