import { expect, test } from './test.ts';

test('the front page opens, has one main heading and is accessible', async ({ page, axe }) => {
  const response = await page.goto('/');
  expect(response?.status()).toBe(200);
  await expect(page.getByRole('heading', { level: 1 })).toHaveCount(1);
  await axe(page);
});
