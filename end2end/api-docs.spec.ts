import { expect, test } from './test.ts';

// The readers of the API's document come from this site, work under its policy and ask nobody else.
for (const [path, sign] of [
  ['/docs', 'Book a time'],
  ['/redoc', 'Book a time'],
]) {
  test(`${path} shows the API`, async ({ page, baseURL, javaScriptEnabled }) => {
    const foreign: string[] = [];
    const complaints: string[] = [];
    page.on('request', (request) => {
      const url = request.url();
      if (!url.startsWith(baseURL!) && !url.startsWith('data:') && !url.startsWith('blob:')) foreign.push(url);
    });
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text());
    });
    await page.goto(path);
    if (javaScriptEnabled === false) {
      await expect(page.getByText('This page needs scripts.')).toBeVisible();
    } else {
      await expect(page.getByText(sign).first()).toBeVisible();
    }
    await expect(page.getByRole('link', { name: 'openapi.json' }).first()).toHaveAttribute('href', '/api/openapi.json');
    expect(foreign).toEqual([]);
    expect(complaints).toEqual([]);
  });
}
