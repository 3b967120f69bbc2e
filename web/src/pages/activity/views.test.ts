import { describe, expect, it } from 'vitest';
import { readFilters, writeQuery } from './filters';
import { fromView, isChanged, toView } from './views';

const zone = 'America/New_York';
const read = (text: string) => readFilters(new URLSearchParams(text));
const again = (text: string) =>
  writeQuery({ ...fromView({ id: '1', filter: toView(read(text), zone) }, zone), view: undefined });

describe('a saved view', () => {
  it('gives back what was saved', () => {
    for (const address of [
      '',
      '?tab=tags&status=warning%2Cfailed&type=webhook&action=cogs_updated&actor=7&entity_type=Order&entity=gid%3A%2F%2Fshopify%2FOrder%2F1&rule=7&operation=9&q=tag%3A%22a+b%22&range=7d',
      '?status=pending&range=today',
      '?q=vip+since%3A3d',
      '?range=custom&from=2026-10-31&to=2026-11-01',
      '?range=custom&from=2026-11-21T15%3A00%3A00.000Z&to=2026-11-21T18%3A00%3A00.000Z',
    ]) {
      expect(again(address)).toBe(address);
    }
  });

  it('holds a range that moves with time as a search, which the API reads the same way', () => {
    expect(toView(read('q=vip&range=7d'), zone)).toEqual({ search: 'vip since:7d' });
    expect(toView(read(''), zone)).toEqual({ search: 'since:24h' });
  });

  it('holds days as the shop’s, also where the clocks change', () => {
    expect(toView(read('range=custom&from=2026-11-01&to=2026-11-01'), zone)).toEqual({
      from: '2026-11-01T04:00:00.000Z',
      to: '2026-11-02T05:00:00.000Z',
    });
  });

  it('leaves out what it does not know', () => {
    const filter = {
      categories: ['NOPE'],
      statuses: ['FAILED', 3],
      types: ['X', 'WEBHOOK'],
      entityId: 7,
      from: 'x',
    };
    expect(writeQuery(fromView({ id: '1', filter }, zone))).toBe('?status=failed&type=webhook&view=1');
    expect(writeQuery(fromView({ id: '1', filter: null }, zone))).toBe('?view=1');
  });

  it('is changed by a filter and not by a place in the list', () => {
    const view = { id: '1', filter: toView(read('status=failed&range=7d'), zone) };
    expect(isChanged(read('view=1&status=failed&range=7d&after=x'), view, zone)).toBe(false);
    expect(isChanged(read('view=1&status=failed&range=30d'), view, zone)).toBe(true);
  });
});
