import { describe, expect, it } from 'vitest';
import { sameFilter, standing, waitingWords, withoutDates } from './stream-words';

describe('a stream in words', () => {
  it('says the worst of how it stands', () => {
    const of = { enabled: true, failing: false, replaying: false };
    expect(standing(of).name).toBe('Sending');
    expect(standing({ ...of, replaying: true }).name).toBe('Replaying');
    expect(standing({ ...of, replaying: true, failing: true }).name).toBe('Failing');
    expect(standing({ enabled: false, replaying: true, failing: true }).name).toBe('Disabled');
  });

  it('says how much waits', () => {
    expect(waitingWords({ count: 0, capped: false })).toBe('nothing waits');
    expect(waitingWords({ count: 1, capped: false })).toBe('1 event waits');
    expect(waitingWords({ count: 10_000, capped: true })).toBe('more than 10,000 events wait');
  });
});

describe('a filter of a stream', () => {
  it('has no dates, wherever they stood', () => {
    expect(
      withoutDates({
        statuses: ['FAILED'],
        from: '2026-01-01T00:00:00Z',
        search: 'since:7d rule:VIP until:"today"',
      }),
    ).toEqual({ statuses: ['FAILED'], search: 'rule:VIP' });
    expect(withoutDates({ search: 'since:today' })).toEqual({});
  });

  it('is the same in another order', () => {
    expect(sameFilter({ types: ['WEBHOOK'], search: 'x' }, { search: 'x', types: ['WEBHOOK'] })).toBe(true);
    expect(sameFilter({}, { search: 'x' })).toBe(false);
  });
});
