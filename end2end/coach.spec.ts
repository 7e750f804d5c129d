// A coach's side: answers, outcomes, hours, dates, session types, settings, and the way in.
import type { Page } from '@playwright/test';
import { book, chooseDay, dateOf, days, dayOf, nextMonth, PASSWORD, register, signIn, times } from './steps.ts';
import { expect, hydrated, test } from './test.ts';

const said = (page: Page, words: string) => page.getByRole('status').filter({ hasText: words });

test('signing in by the form leads to the day', async ({ page, problems }) => {
  problems.allow(/status of 422/);
  await page.goto('/dashboard');
  await expect(page.getByRole('heading', { level: 1, name: 'Sign in' })).toBeVisible();
  await page.getByRole('textbox', { name: 'Email' }).fill('maya@wellmet.example');
  await page.getByLabel('Password').fill('wrong');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('alert')).toContainText('The address or the password is wrong.');
  await expect(page.getByRole('textbox', { name: 'Email' })).toHaveValue('maya@wellmet.example');
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page).toHaveURL(/\/dashboard$/);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(/^\w+day \d+ \w+ \d{4}$/);
  await expect(page.getByText('Times are in Europe/Stockholm.')).toBeVisible();
  await expect(page.getByRole('heading', { level: 3 }).first()).toBeVisible();
  await page.getByRole('link', { name: 'Later week' }).click();
  await expect(page).toHaveURL(/week=\d{4}-\d\d-\d\d/);
  await page.getByRole('link', { name: 'This week' }).click();
  await expect(page).toHaveURL(/\/dashboard#week$/);
});

test('a coach accepts one request and declines another', async ({ page, another }) => {
  const mentee = await another();
  await signIn(mentee, 'kenji');
  const accepted = await book(mentee, 'maya-lindqvist/leadership-sparring', 6);
  const second = await another();
  await signIn(second, 'emily');
  const declined = await book(second, 'maya-lindqvist/leadership-sparring', 7);

  await signIn(page, 'maya');
  await page.goto('/dashboard');
  await page.getByRole('button', { name: 'Confirm the request of Kenji Sato' }).click();
  await expect(said(page, 'Confirmed. The session is agreed.')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Confirm the request of Kenji Sato' })).toHaveCount(0);
  await page.getByRole('link', { name: 'Decline the request of Emily Carter' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Decline Emily Carter’s request?' })).toBeVisible();
  await page.getByRole('textbox', { name: /^Reason/ }).fill('I am away that week.');
  await page.getByRole('button', { name: 'Decline the request' }).click();
  await expect(said(page, 'Declined. The time is free again.')).toBeVisible();

  await mentee.goto(accepted.path);
  await expect(mentee.getByText('Confirmed', { exact: true }).first()).toBeVisible();
  await expect(mentee.getByRole('link', { name: 'https://meet.wellmet.example/maya' })).toBeVisible();
  await second.goto(declined.path);
  await expect(second.getByText('Declined', { exact: true }).first()).toBeVisible();
  await expect(second.getByText('I am away that week.')).toBeVisible();
});

test('from the page of a request a coach confirms too', async ({ page, another }) => {
  const mentee = await another();
  await signIn(mentee, 'jonas');
  const { path } = await book(mentee, 'tomas-ferreira/afternoon-at-the-studio', 8);
  await signIn(page, 'tomas');
  await page.goto(path);
  await expect(page.getByText('Waits for your answer')).toBeVisible();
  await page.getByRole('button', { name: 'Confirm' }).click();
  await expect(said(page, 'Confirmed.')).toBeVisible();
});

test('from the page of a request a coach declines too, with a reason', async ({ page, another }) => {
  const mentee = await another();
  await signIn(mentee, 'emily');
  const { path } = await book(mentee, 'tomas-ferreira/afternoon-at-the-studio', 9);
  await signIn(page, 'tomas');
  await page.goto(path);
  await page.getByRole('link', { name: 'Decline' }).or(page.getByRole('button', { name: 'Decline' })).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Decline Emily Carter’s request?' })).toBeVisible();
});

test('a coach says how sessions went', async ({ page }) => {
  await signIn(page, 'maya');
  await page.goto('/dashboard');
  await page.getByRole('button', { name: /^It took place: Emily Carter/ }).click();
  await expect(said(page, 'Marked as completed.')).toBeVisible();
  await page.getByRole('button', { name: /^Did not come: Kenji Sato/ }).click();
  await expect(said(page, 'Marked as a no-show.')).toBeVisible();
  await expect(page.getByRole('button', { name: /^(It took place|Did not come): (Emily Carter|Kenji Sato)/ })).toHaveCount(0);
});

test('a coach cancels and moves only with a reason', async ({ page, another, problems, javaScriptEnabled: scripts }) => {
  problems.allow(/status of 422/);
  const mentee = await another();
  await signIn(mentee, 'emily');
  const { path } = await book(mentee, 'ananya-iyer/mock-interview', 9);
  await signIn(page, 'ananya');
  await page.goto(path);
  await page.getByRole('link', { name: 'Move to another time' }).click();
  await hydrated(page, scripts);
  await page.getByRole('textbox', { name: 'Reason' }).fill('A train strike.');
  await page.getByRole('navigation', { name: 'Month' }).getByRole('link').last().click();
  const day = await chooseDay(page, 10);
  await expect(page.getByRole('textbox', { name: 'Reason' })).toHaveValue(scripts ? 'A train strike.' : '');
  await page.getByRole('textbox', { name: 'Reason' }).fill('A train strike.');
  await times(page).first().click();
  await expect(said(page, 'Moved to the new time.')).toBeVisible();
  await expect(page.getByRole('complementary', { name: 'What happened' })).toContainText('A train strike.');

  await page.getByRole('link', { name: 'Cancel', exact: true }).click();
  await page.getByRole('textbox', { name: /^Reason/ }).fill('   ');
  await page.getByRole('button', { name: 'Cancel the booking' }).click();
  await expect(page.getByRole('alert')).toContainText('Reason:');
  await page.getByRole('textbox', { name: /^Reason/ }).fill('I lost my voice.');
  await page.getByRole('button', { name: 'Cancel the booking' }).click();
  await expect(said(page, 'The booking is cancelled.')).toBeVisible();
  await mentee.goto(path);
  await expect(mentee.getByText('I lost my voice.')).toBeVisible();
  await expect(mentee.getByRole('complementary', { name: 'What happened' })).toContainText(day.split(' ')[1] ?? day);
});

test('weekly hours: mistakes are named, nothing typed is lost, mentees see the change', async ({ page, another, problems, javaScriptEnabled: scripts }) => {
  test.setTimeout(60_000);
  problems.allow(/status of 422/);
  const mentee = await another();
  const picker = `/coaches/denise-walker/walk-and-talk?month=${nextMonth()}&tz=America/New_York`;
  await mentee.goto(picker);
  const sundays = mentee.getByRole('link', { name: /^Sunday \d+ \w+, \d+ times?$/ });
  await expect(sundays).toHaveCount(0);

  await signIn(page, 'denise');
  await page.goto('/dashboard/availability');
  await hydrated(page, scripts);
  const saturday = page.getByRole('group', { name: 'Saturday' });
  const save = page.getByRole('button', { name: 'Save hours' });
  await expect(saturday).toContainText('Not available');
  await page.getByRole('button', { name: 'Add a window on Saturday' }).click();
  const from = (nth: number) => saturday.getByLabel('Saturday from').nth(nth);
  const until = (nth: number) => saturday.getByLabel('Saturday until').nth(nth);
  await expect(from(0)).toHaveValue('09:00');
  if (scripts) await expect(from(0)).toBeFocused();
  await from(0).fill('15:00');
  await until(0).fill('11:00');
  await save.click();
  await expect(page.getByRole('alert')).toContainText('Saturday: Ends before it starts.');
  await expect(page).toHaveTitle(/^Error: /);
  await expect(from(0)).toHaveValue('15:00');
  await expect(until(0)).toHaveValue('11:00');
  await expect(from(0)).toHaveAttribute('aria-invalid', 'true');

  await hydrated(page, scripts);
  await from(0).fill('10:00');
  await page.getByRole('button', { name: 'Add a window on Saturday' }).click();
  await from(1).fill('10:30');
  await until(1).fill('12:00');
  await save.click();
  await expect(page.getByRole('alert')).toContainText('Saturday: Overlaps the window before it.');
  await expect(from(1)).toHaveValue('10:30');
  await hydrated(page, scripts);
  await saturday.getByRole('button', { name: /^Remove/ }).nth(1).click();
  await expect(saturday.getByLabel('Saturday from')).toHaveCount(1);

  // `<summary>` has no role of its own in every browser.
  await saturday.getByLabel('Copy Saturday to other days').click();
  await saturday.getByRole('button', { name: 'Copy Saturday' }).click();
  await expect(saturday.getByText('Tick the days to copy to first.')).toBeVisible();
  await hydrated(page, scripts);
  await saturday.getByRole('checkbox', { name: 'Sunday' }).check();
  await saturday.getByRole('button', { name: 'Copy Saturday' }).click();
  const sunday = page.getByRole('group', { name: 'Sunday' });
  await expect(sunday.getByLabel('Sunday from')).toHaveValue('10:00');
  await expect(sunday.getByLabel('Sunday until')).toHaveValue('11:00');
  await save.click();
  await expect(said(page, 'Your hours are saved.')).toBeVisible();

  await mentee.goto(picker);
  await expect(sundays.first()).toHaveAccessibleName(/, 1 time$/);
  await sundays.first().click();
  await expect(times(mentee)).toHaveText(['10:00']);
});

test('why a time is not offered, in the coach’s words', async ({ page, javaScriptEnabled: scripts }) => {
  await signIn(page, 'ananya');
  await page.goto('/dashboard/availability');
  await hydrated(page, scripts);
  const why = page.getByRole('group', { name: 'Why is a time not offered?' });
  await why.getByLabel('Date').fill(`${nextMonth()}-10`);
  await why.getByLabel('Time').fill('03:00');
  await why.getByRole('button', { name: 'Ask' }).click();
  await expect(page.getByText(/It is outside your hours\.|You have no hours on this weekday\./).last()).toBeVisible();
  await page.getByRole('button', { name: 'Later week' }).click();
  await expect(page.getByRole('heading', { level: 3, name: /^Week of / })).toBeVisible();
});

test('a closed date is closed for mentees, and opens again', async ({ page, another, problems, javaScriptEnabled: scripts }) => {
  problems.allow(/status of 409/);
  const mentee = await another();
  const picker = `/coaches/aroha-bennett/voice-lesson?month=${nextMonth()}&tz=Pacific/Auckland`;
  await mentee.goto(picker);
  await hydrated(mentee, scripts);
  const link = days(mentee).nth(5);
  const [day, date] = [await dayOf(link), await dateOf(link)];
  await chooseDay(mentee, 5);
  const start = (await times(mentee).first().getAttribute('value')) ?? '';

  await signIn(page, 'aroha');
  await page.goto('/dashboard/availability');
  await page.getByRole('link', { name: 'Single dates' }).click();
  await page.goto(`/dashboard/availability/dates?month=${date.slice(0, 7)}`);
  await page.getByRole('link', { name: new RegExp(`^${day} \\d{4}, `) }).click();
  await page.getByRole('radio', { name: 'Closed all day' }).check();
  await page.getByRole('button', { name: 'Save this date' }).click();
  await expect(said(page, 'The date is saved.')).toBeVisible();
  await expect(page.getByRole('link', { name: new RegExp(`^${day} \\d{4}, closed, differs`) })).toBeVisible();

  await mentee.goto(picker);
  await expect(mentee.getByRole('link', { name: new RegExp(`^${day}, `) })).toHaveCount(0);
  const answer = await mentee.goto(`/book/aroha-bennett/voice-lesson?start=${encodeURIComponent(start)}&tz=Pacific/Auckland`);
  expect(answer?.status()).toBe(409);
  await expect(said(mentee, 'There are no sessions on that day.')).toBeVisible();

  await page.getByRole('button', { name: new RegExp(`^Remove ${day}`) }).click();
  await expect(said(page, 'The date follows your weekly hours again.')).toBeVisible();
  await mentee.goto(picker);
  await expect(mentee.getByRole('link', { name: new RegExp(`^${day}, `) })).toHaveCount(1);
});

test('a session type: mistakes named, offered, changed, paused, archived', async ({ page, another, problems }) => {
  test.setTimeout(60_000);
  problems.allow(/status of (404|422)/);
  await signIn(page, 'aroha');
  await page.goto('/dashboard/session-types');
  await page.getByRole('link', { name: 'New session type' }).click();
  await page.getByRole('textbox', { name: 'Name' }).fill('   ');
  await page.getByRole('textbox', { name: /^Price/ }).fill('a lot');
  await page.getByRole('textbox', { name: /^Currency/ }).fill('XX1');
  await page.getByRole('textbox', { name: /^Description/ }).fill('</textarea><script>1</script>');
  await page.getByRole('radio', { name: /^Your own link/ }).check();
  await page.getByRole('textbox', { name: /^Link, number/ }).fill('javascript:alert(1)');
  await page.getByRole('button', { name: 'Save session type' }).click();
  const alert = page.getByRole('alert');
  for (const label of ['Name:', 'Price:', 'Currency:', 'Link, number or address:']) await expect(alert).toContainText(label);
  await expect(page.getByRole('textbox', { name: /^Price/ })).toHaveValue('a lot');
  await expect(page.getByRole('textbox', { name: /^Description/ })).toHaveValue('</textarea><script>1</script>');

  await page.getByRole('textbox', { name: 'Name' }).fill('First sentence');
  await page.getByRole('textbox', { name: /^Description/ }).fill('The one that decides.');
  await page.getByRole('textbox', { name: /^Price/ }).fill('40');
  await page.getByRole('textbox', { name: /^Currency/ }).fill('NZD');
  await page.getByRole('textbox', { name: /^Link, number/ }).fill('https://meet.wellmet.example/first');
  await page.getByRole('button', { name: 'Save session type' }).click();
  await expect(said(page, 'The session type is saved.')).toBeVisible();

  const mentee = await another();
  const card = mentee.getByRole('listitem').filter({ has: mentee.getByRole('heading', { name: 'First sentence' }) });
  await mentee.goto('/coaches/aroha-bennett');
  await expect(card).toContainText('40');
  await page.getByRole('link', { name: 'Edit First sentence' }).click();
  await page.getByRole('textbox', { name: /^Price/ }).fill('45.50');
  await page.getByRole('button', { name: 'Save session type' }).click();
  await expect(said(page, 'The session type is saved.')).toBeVisible();
  await mentee.reload();
  await expect(card).toContainText('45.50');

  await page.getByRole('button', { name: 'Pause First sentence' }).click();
  await expect(page.getByRole('button', { name: 'Resume First sentence' })).toBeVisible();
  await mentee.reload();
  await expect(card).toHaveCount(0);
  await page.getByRole('link', { name: 'Edit First sentence' }).click();
  await page.getByRole('link', { name: 'Archive this session type' }).click();
  await page.getByRole('link', { name: 'Keep it' }).click();
  await page.getByRole('link', { name: 'Archive this session type' }).click();
  await page.getByRole('button', { name: 'Archive' }).click();
  await expect(said(page, 'The session type is archived.')).toBeVisible();
  await expect(page.getByText('First sentence')).toHaveCount(0);
  expect((await mentee.goto('/coaches/aroha-bennett/first-sentence'))?.status()).toBe(404);
});

test('a new coach, from joining to the first time that can be booked', async ({ page, another, problems, javaScriptEnabled: scripts }) => {
  test.setTimeout(60_000);
  problems.allow(/status of 422/);
  const mail = `ruth.${Date.now()}@example.org`;
  await page.goto('/');
  await page.getByRole('link', { name: 'Offer your time' }).click();
  await expect(page.getByRole('radio', { name: /^I’m a coach/ })).toBeChecked();
  await page.getByRole('textbox', { name: /^Your name/ }).fill('Ruth Okafor');
  await page.getByRole('textbox', { name: /^Email/ }).fill('maya@wellmet.example');
  await page.getByLabel('Password').fill('a kettle and a dog');
  if (scripts) await expect(page.getByRole('combobox', { name: /^Your time zone/ })).toHaveValue('Europe/Berlin');
  await page.getByRole('combobox', { name: /^Your time zone/ }).selectOption('Europe/Berlin');
  await page.getByRole('button', { name: 'Create account' }).click();
  await expect(page.getByRole('alert')).toContainText('Email:');
  await expect(page.getByRole('textbox', { name: /^Your name/ })).toHaveValue('Ruth Okafor');
  await page.getByRole('textbox', { name: /^Email/ }).fill(mail);
  await page.getByLabel('Password').fill('a kettle and a dog');
  await page.getByRole('button', { name: 'Create account' }).click();
  await expect(said(page, 'Welcome to Wellmet.')).toBeVisible();
  await expect(page.getByRole('heading', { name: 'Four steps to your first booking' })).toBeVisible();

  await page.getByRole('link', { name: 'Look over your hours' }).click();
  await hydrated(page, scripts);
  await page.getByRole('button', { name: 'Add a window on Sunday' }).click();
  await expect(page.getByLabel('Sunday until')).toBeVisible();
  await page.getByRole('button', { name: 'Save hours' }).click();
  await expect(said(page, 'Your hours are saved.')).toBeVisible();
  await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Settings' }).click();
  await page.getByRole('textbox', { name: /^Headline/ }).fill('Grief at work');
  await page.getByRole('textbox', { name: /^Topics/ }).fill('Grief, Burnout');
  await page.getByRole('button', { name: 'Save your page' }).click();
  await expect(said(page, 'Your profile is saved.')).toBeVisible();

  const mentee = await another();
  await signIn(mentee, 'emily');
  await mentee.goto('/coaches?q=grief');
  await mentee.getByRole('link', { name: 'Ruth Okafor', exact: true }).click();
  await mentee.getByRole('link', { name: /^See times/ }).first().click();
  await hydrated(mentee, scripts);
  await times(mentee).first().click();
  await mentee.getByRole('button', { name: /this session$/ }).click();
  await mentee.waitForURL(/\/bookings\/\w+\?done=/);
  await page.goto('/dashboard');
  await expect(page.getByRole('heading', { level: 3, name: 'Emily Carter' }).first()).toBeVisible();
});

test('settings: page, name and zone, and a new password that ends other sign-ins', async ({ page, another, problems }) => {
  problems.allow(/status of (404|422)/);
  const mail = await register(page, 'Old Name', 'coach');
  const elsewhere = await another();
  await signIn(elsewhere, mail, 'a long enough one');
  await page.goto('/settings');
  await expect(page).toHaveURL(/\/dashboard\/settings$/);
  await page.getByRole('textbox', { name: /^Name/ }).fill('');
  await page.getByRole('textbox', { name: /^Name/ }).fill('  ');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(page.getByRole('alert')).toContainText('Name:');
  await page.getByRole('textbox', { name: /^Name/ }).fill('New Name');
  await page.getByRole('combobox', { name: /^Time zone/ }).selectOption('Asia/Tokyo');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(page.getByRole('textbox', { name: /^Name/ })).toHaveValue('New Name');
  await expect(page.getByRole('combobox', { name: /^Time zone/ })).toHaveValue('Asia/Tokyo');

  const address = page.getByRole('textbox', { name: /^Address of your page/ });
  await address.fill('maya-lindqvist');
  await page.getByRole('textbox', { name: /^Headline/ }).fill('Kept as typed');
  await page.getByRole('button', { name: 'Save your page' }).click();
  await expect(page.getByRole('alert')).toContainText('Address:');
  await expect(page.getByRole('textbox', { name: /^Headline/ })).toHaveValue('Kept as typed');
  await address.fill(`new-name-${Date.now()}`);
  await page.getByRole('checkbox', { name: /^Show me in the directory/ }).uncheck();
  await page.getByRole('button', { name: 'Save your page' }).click();
  await expect(said(page, 'Your profile is saved.')).toBeVisible();
  await page.getByRole('link', { name: 'See it as mentees do' }).click();
  await expect(page.getByText('It is not in the directory')).toBeVisible();

  await page.goto('/dashboard/settings?tab=security');
  await page.getByLabel('Current password').fill('wrong');
  await page.getByLabel('New password').fill('short');
  await page.getByRole('button', { name: 'Change password' }).click();
  await expect(page.getByRole('alert')).toBeVisible();
  await page.getByLabel('Current password').fill('a long enough one');
  await page.getByLabel('New password').fill('another long enough one');
  await page.getByRole('button', { name: 'Change password' }).click();
  await expect(said(page, 'Your password is changed.')).toBeVisible();
  await elsewhere.goto('/dashboard');
  await expect(elsewhere.getByRole('heading', { level: 1, name: 'Sign in' })).toBeVisible();
  await signIn(elsewhere, mail, 'another long enough one');
});
