// What follows from a booking and fails: the coach sees it, and gets it through.
import type { Page } from '@playwright/test';
import { Receiver } from './receiver.ts';
import { book, signIn } from './steps.ts';
import { expect, hydrated, test } from './test.ts';

const said = (page: Page, words: string | RegExp) => page.getByRole('status').filter({ hasText: words });

/** Opens `path` until it says `words`. */
async function until(page: Page, path: string, words: string | RegExp): Promise<void> {
  await expect(async () => {
    await page.goto(path);
    await expect(page.getByText(words).first()).toBeVisible({ timeout: 500 });
  }).toPass({ timeout: 20_000 });
}

test('a webhook that fails is seen, tried again, given up and got through', async ({ page, another, axe, problems, javaScriptEnabled }) => {
  problems.allow(/status of 422/);
  const receiver = new Receiver();
  const address = await receiver.start();
  try {
    await signIn(page, 'denise');
    await page.goto('/dashboard/settings?tab=notices');
    await axe(page);
    await page.getByRole('link', { name: 'Add a webhook' }).click();
    await hydrated(page, javaScriptEnabled);
    await page.getByRole('textbox', { name: 'Address' }).fill('http://10.0.0.1/');
    await page.getByRole('button', { name: 'Add it' }).click();
    await expect(page.getByRole('alert')).toContainText('leads into a private network');
    await axe(page);
    await page.getByRole('textbox', { name: 'Address' }).fill(address);
    await page.getByRole('button', { name: 'Add it' }).click();
    await expect(page.getByRole('heading', { name: 'Your webhook is ready' })).toBeVisible();
    receiver.secret = (await page.locator('code').textContent()) ?? '';
    await axe(page);
    await page.getByRole('link', { name: 'I have it' }).click();
    await axe(page);
    const hook = new URL(page.url()).pathname;

    receiver.status = 503;
    const mentee = await another();
    await signIn(mentee, 'kenji');
    await book(mentee, 'denise-walker/the-hard-conversation', 12);
    await until(page, '/dashboard', 'One follow-up of your bookings could not be done yet.');
    await page.getByRole('link', { name: 'See what is outstanding' }).click();
    await expect(page.getByText('The receiver answered with status 503.')).toBeVisible();
    await axe(page);

    // The receiver is gone for good, it says: no more tries, until a person says so.
    receiver.status = 410;
    await hydrated(page, javaScriptEnabled);
    await page.getByRole('button', { name: /^Try now/ }).click();
    await expect(said(page, /It is tried again at once|There is nothing to try again/)).toBeVisible();
    await until(page, '/dashboard/outstanding', /Given up .* after/);
    await page.goto(hook);
    await expect(page.getByRole('alert')).toContainText('said on');
    await axe(page);
    await page.getByRole('checkbox', { name: 'Send events' }).check();
    await page.getByRole('button', { name: 'Save' }).click();
    await expect(said(page, 'The webhook is saved.')).toBeVisible();
    await page.goto('/dashboard/outstanding');
    await hydrated(page, javaScriptEnabled);
    receiver.status = 204;
    await page.getByRole('button', { name: /^Try again/ }).click();
    await expect(said(page, 'It is tried again at once.')).toBeVisible();
    await expect.poll(() => receiver.accepted.length).toBe(1);
    await until(page, '/dashboard/outstanding', 'Nothing is outstanding');
    await axe(page);

    await page.goto(hook);
    await page.getByRole('link', { name: /^A session is (booked|requested)/ }).click();
    await expect(page.getByRole('heading', { level: 1 })).toContainText('Delivered');
    await axe(page);
    await page.getByRole('button', { name: 'Send again' }).click();
    await expect.poll(() => receiver.accepted.length).toBe(2);
    expect(receiver.accepted[1]).toEqual(receiver.accepted[0]);
    await page.goto(`${hook}/remove`);
    await page.getByRole('button', { name: 'Remove it' }).click();
    await expect(said(page, 'The webhook is removed.')).toBeVisible();
    expect(receiver.complaints).toEqual([]);
  } finally {
    receiver.stop();
  }
});
