// Mail in the demo's mailbox: what a booking brings, and links that are used once.
import { book, register, signIn } from './steps.ts';
import { expect, test } from './test.ts';
import type { Page } from '@playwright/test';

/** Opens the newest mail to `address` whose subject matches. Mail is written within a second or two. */
async function openMail(page: Page, address: string, subject: RegExp): Promise<void> {
  const mail = page.getByRole('listitem').filter({ hasText: address }).getByRole('link', { name: subject });
  await expect(async () => {
    await page.goto('/mailbox');
    await expect(mail.first()).toBeVisible({ timeout: 500 });
  }).toPass();
  await mail.first().click();
}

/** The part of the open mail with its text. */
const frame = (page: Page) => page.frameLocator('iframe');

// What the tests themselves run in the frame of a mail is refused there, as everything is.
test.beforeEach(({ problems }) => problems.allow(/Blocked script execution in '[^']*\/mailbox\//));

test('both sides of a booking find their mail, with an invitation', async ({ page, axe }) => {
  await signIn(page, 'emily');
  const { time, path } = await book(page, 'maya-lindqvist/career-crossroads', 3);
  for (const [who, subject] of [['emily@wellmet.example', /^Booked: Career crossroads with Maya/], ['maya@wellmet.example', /^New booking: Career crossroads/]] as const) {
    await openMail(page, who, subject);
    await expect(frame(page).getByRole('heading', { level: 1 })).toBeVisible();
    await expect(frame(page).getByText(`${time}–`)).toBeVisible();
  }
  // The list alone: axe waits for every frame, and in that of a mail nothing runs.
  await page.goto('/mailbox');
  await axe(page);
  await openMail(page, 'emily@wellmet.example', /^Booked: Career crossroads/);
  await page.getByText('Invitation for the calendar').click();
  await expect(page.getByText('METHOD:REQUEST')).toBeVisible();
  // The button in the mail leads to the page of the booking, in the whole window.
  await frame(page).getByRole('link', { name: 'Open the booking' }).click();
  await expect(page).toHaveURL(new RegExp(`${path}$`));
});

test('an address is confirmed by its button, once', async ({ page, axe }) => {
  const email = await register(page, 'Nora Quist');
  await page.goto('/settings?tab=security');
  await expect(page.getByText('Confirm your address so that')).toBeVisible();
  await axe(page);
  await openMail(page, email, /^Confirm your address/);
  await frame(page).getByRole('link', { name: 'Confirm this address' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Confirm your address' })).toBeVisible();
  await axe(page);
  const link = page.url();
  await page.getByRole('button', { name: 'Confirm this address' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Your address is confirmed' })).toBeVisible();
  await page.goto(link);
  await expect(page.getByText('Already confirmed')).toBeVisible();
  await axe(page);
  await page.goto('/settings?tab=security');
  await expect(page.getByText('Confirm your address so that')).toHaveCount(0);
});

test('a lost password is chosen anew, by a link that works once', async ({ page, axe }) => {
  const email = await register(page, 'Otto Lind');
  await openMail(page, email, /^Confirm your address/);
  await frame(page).getByRole('link', { name: 'Confirm this address' }).click();
  await page.getByRole('button', { name: 'Confirm this address' }).click();
  await page.context().clearCookies();

  await page.goto('/login');
  await page.getByRole('link', { name: 'Forgot your password?' }).click();
  await axe(page);
  await page.getByRole('textbox', { name: 'Email' }).fill(email);
  await page.getByRole('button', { name: 'Send me a link' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Look into your mail' })).toBeVisible();
  await axe(page);
  await openMail(page, email, /^A new password/);
  await frame(page).getByRole('link', { name: 'Choose a new password' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Choose a new password' })).toBeVisible();
  await axe(page);
  const link = page.url();
  await page.getByLabel('New password').fill('three unrelated words');
  await page.getByRole('button', { name: 'Set the new password' }).click();
  await expect(page.getByText('Your new password is set.')).toBeVisible();
  await page.goto(link);
  await expect(page.getByRole('heading', { level: 1, name: 'This link was used already' })).toBeVisible();
  await signIn(page, email, 'three unrelated words');
});
