// A mentee's way: find a coach, book, move, call off; with an account and without one.
import { chooseDay, chooseTime, hold, PASSWORD, signIn, times, turnMonth } from './steps.ts';
import { expect, hydrated, test } from './test.ts';

const NASTY = 'I lead a team of 4 & <b>love</b> it.\n</textarea><script>document.title = "owned"</script>';

test('a stranger finds a coach, books, moves the booking and calls it off', async ({ page, context, problems, javaScriptEnabled: scripts }) => {
  test.setTimeout(60_000);
  problems.allow(/status of 422/);
  if (scripts) await context.clearCookies({ name: 'tz' });
  await page.goto('/');
  await hydrated(page, scripts);
  await page.getByRole('searchbox').fill('crossroads');
  await page.getByRole('searchbox').press('Enter');

  await expect(page.getByRole('heading', { level: 2, name: 'One coach for “crossroads”' })).toBeVisible();
  await page.getByRole('link', { name: 'Maya Lindqvist', exact: true }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Maya Lindqvist' })).toBeVisible();
  await page.getByRole('link', { name: 'See times for Career crossroads' }).click();

  const zone = page.getByRole('combobox', { name: 'Times in' });
  if (!scripts) {
    // Without scripts nobody knows the visitor's zone: it is the coach's until they say.
    await expect(zone).toHaveValue('Europe/Stockholm');
    await zone.selectOption('Europe/Berlin');
    await page.getByRole('button', { name: 'Change' }).click();
  }
  await expect(zone).toHaveValue('Europe/Berlin');
  await expect(page.getByText('Maya is in Europe/Stockholm, the same time.')).toBeVisible();
  await hydrated(page, scripts);
  await turnMonth(page);
  const day = await chooseDay(page, 1);
  const { time } = await chooseTime(page, 1);

  await expect(page.getByRole('heading', { level: 1, name: 'Book Career crossroads' })).toBeVisible();
  await expect(page.getByText(new RegExp(`^${day} \\d{4}, ${time}–.* \\(Europe/Berlin, UTC`))).toBeVisible();
  await expect(page.getByText(/^Held for you until \d\d:\d\d\.$/)).toBeVisible();
  if (scripts) {
    const clock = page.locator('.hold-clock');
    const before = await clock.textContent();
    expect(before).toMatch(/^(9:[0-5]\d|10:00)$/);
    await expect(clock).not.toHaveText(before ?? '');
  }

  const form = page.url();
  const mail = page.getByRole('textbox', { name: 'Mail address' });
  const notes = page.getByRole('textbox', { name: /^What should Maya know/ });
  const submit = page.getByRole('button', { name: 'Book this session' });
  await mail.fill('ada@nodot');
  await page.getByLabel('Password').fill('short');
  await notes.fill(NASTY);
  await submit.click();
  const summary = page.getByRole('alert');
  await expect(summary.getByRole('heading', { name: 'A few things need your attention' })).toBeVisible();
  await expect(summary.getByRole('link')).toHaveCount(3);
  await expect(mail).toHaveValue('ada@nodot');
  await expect(mail).toHaveAttribute('aria-invalid', 'true');
  await expect(notes).toHaveValue(NASTY);
  await expect(page).toHaveTitle('Error: Book Career crossroads with Maya Lindqvist · Wellmet');
  await summary.getByRole('link', { name: /^Mail address/ }).click();
  await expect(mail).toBeFocused();

  await page.getByLabel('Your name').fill('Ada Byron');
  await mail.fill(`ada.${Date.now()}@example.org`);
  await page.getByLabel('Password').fill('a kettle and a quiet dog');
  await submit.click();
  await expect(page.getByRole('status').filter({ hasText: 'Booked.' })).toBeVisible();
  await expect(page.getByText('Confirmed', { exact: true })).toBeVisible();
  await expect(page.getByText('</textarea><script>')).toBeVisible();
  expect(await page.title()).not.toContain('owned');
  const path = new URL(page.url()).pathname;

  // The form that was sent: its address leads to the booking now.
  await page.goto(form);
  await expect(page).toHaveURL(new RegExp(path));

  await page.getByRole('link', { name: 'My bookings' }).first().click();
  const row = page.getByRole('listitem').filter({ hasText: 'Career crossroads' });
  await expect(row).toHaveCount(1);
  await expect(row).toContainText(`${day} `);
  await expect(row).toContainText(time);
  await row.getByRole('link').click();

  await page.getByRole('link', { name: 'Move to another time' }).click();
  await hydrated(page, scripts);
  await expect(page.getByRole('heading', { level: 1, name: 'Move to another time' })).toBeVisible();
  await turnMonth(page);
  const moved = await chooseDay(page, 3);
  const to = (await times(page).last().textContent()) ?? '';
  await times(page).last().click();
  await expect(page.getByRole('status').filter({ hasText: 'Moved to the new time.' })).toBeVisible();
  await expect(page.getByText(new RegExp(`^${moved} \\d{4}, ${to}`)).first()).toBeVisible();
  expect(new URL(page.url()).pathname).toBe(path);

  await page.getByRole('link', { name: 'Cancel', exact: true }).click();
  await page.getByRole('link', { name: 'Keep it' }).click();
  await page.getByRole('link', { name: 'Cancel', exact: true }).click();
  await page.getByRole('textbox', { name: /^Reason/ }).fill('A cold.');
  await page.getByRole('button', { name: 'Cancel the booking' }).click();
  await expect(page.getByRole('status').filter({ hasText: 'The booking is cancelled.' })).toBeVisible();
  const history = page.getByRole('complementary', { name: 'What happened' });
  await expect(history.getByRole('listitem')).toHaveText([/^Booked/, new RegExp(`^Moved to .*${to}`), /^Cancelled.*A cold\.$/s]);
  await expect(page.getByRole('link', { name: 'Book again' })).toBeVisible();

  await page.getByRole('link', { name: 'My bookings' }).first().click();
  await expect(page.getByText('No bookings yet')).toBeVisible();
  await page.getByRole('link', { name: 'Past', exact: true }).click();
  await expect(page.getByRole('listitem').filter({ hasText: 'Career crossroads' })).toContainText('Cancelled');
});

test('somebody with an account signs in and books in one go', async ({ page, problems }) => {
  problems.allow(/status of 422/);
  const { start } = await hold(page, 'denise-walker/the-hard-conversation', 0);
  await page.getByRole('radio', { name: /^I have an account/ }).check();
  await page.getByRole('textbox', { name: 'Mail address' }).fill('lucia@wellmet.example');
  await page.getByRole('textbox', { name: /^What should Denise know/ }).fill('My boss.');
  await page.getByLabel('Password').fill('not the password');
  await page.getByRole('button', { name: 'Book this session' }).click();
  await expect(page.getByRole('alert')).toContainText('do not go together');
  await expect(page.getByRole('radio', { name: /^I have an account/ })).toBeChecked();
  await expect(page.getByRole('textbox', { name: /^What should Denise know/ })).toHaveValue('My boss.');
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Book this session' }).click();
  await expect(page.getByRole('status').filter({ hasText: 'Booked.' })).toBeVisible();
  await expect(page.locator(`time[datetime="${start}"]`)).toBeVisible();
});

test('one press too many books once', async ({ page }) => {
  await signIn(page, 'emily');
  await hold(page, 'ananya-iyer/mock-interview', 2);
  const form = page.url();
  await page.getByRole('button', { name: 'Book this session' }).dblclick();
  await page.waitForURL(/\/bookings\/\w+/);
  const path = new URL(page.url()).pathname;
  // Back: the form is not shown again, what it led to is.
  await page.goBack();
  await expect(page).toHaveURL(new RegExp(path));
  // The same form once more, as from another tab or a browser that sends it again.
  const again = await page.request.post(form, { form: { notes: '' }, maxRedirects: 0 });
  expect(again.status()).toBe(303);
  expect(again.headers().location).toContain(path);
  await page.goto('/bookings');
  await expect(page.getByRole('link', { name: 'Mock interview with Ananya Iyer' })).toHaveCount(1);
});

test('a session that needs approval waits for the coach', async ({ page }) => {
  await signIn(page, 'kenji');
  await hold(page, 'tomas-ferreira/afternoon-at-the-studio', 4);
  await expect(page.getByRole('heading', { level: 1, name: 'Request Afternoon at the studio' })).toBeVisible();
  await expect(page.getByText('The coach confirms each request')).toBeVisible();
  await expect(page.getByText('Booking as Kenji Sato')).toBeVisible();
  await page.getByRole('button', { name: 'Request this session' }).click();
  await expect(page.getByRole('status').filter({ hasText: 'Your request is sent.' })).toBeVisible();
  await expect(page.getByText('Waits for the coach')).toBeVisible();
  await expect(page.getByText(/^Tomás Ferreira will answer by .+ The time is kept for you until then\.$/)).toBeVisible();
  await page.goto('/bookings');
  await expect(page.getByRole('listitem').filter({ hasText: 'Afternoon at the studio' })).toContainText('Waits for the coach');
});

test('letting go of a held time leads back to its day', async ({ page, another }) => {
  const { day, time } = await hold(page, 'denise-walker/walk-and-talk', 5);
  const other = await another();
  await page.getByRole('button', { name: 'Choose another time' }).click();
  await expect(page.getByRole('heading', { level: 2, name: day })).toBeVisible();
  await expect(page.getByRole('button', { name: new RegExp(`^${time}`) })).toBeVisible();
  await other.goto(page.url());
  await expect(other.getByRole('button', { name: new RegExp(`^${time}`) })).toBeVisible();
});

test('a coach who wants to book is told how, and the time stays held', async ({ page }) => {
  await signIn(page, 'aroha');
  await hold(page, 'denise-walker/walk-and-talk', 7);
  await expect(page.getByText('Sessions are booked from a mentee')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Book this session' })).toHaveCount(0);
});

test('booking again from the past leads to the coach', async ({ page }) => {
  await signIn(page, 'jonas');
  await page.goto('/bookings?show=past');
  await page.getByRole('link', { name: 'Intro call with Maya Lindqvist' }).click();
  await page.getByRole('link', { name: 'Book again' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Maya Lindqvist' })).toBeVisible();
});

