import { expect, it } from 'vitest';
import { ruleWindow } from './window';

it('holds both days whole, in the shop’s time zone', () => {
  expect(ruleWindow('2026-11-20', '2026-11-21', 'America/New_York')).toEqual({
    from: '2026-11-20T05:00:00.000Z',
    to: '2026-11-22T05:00:00.000Z',
  });
});

it('is nothing where the days are out of order or no days', () => {
  expect(ruleWindow('2026-11-22', '2026-11-21', 'UTC')).toBeNull();
  expect(ruleWindow('', '2026-11-21', 'UTC')).toBeNull();
});
