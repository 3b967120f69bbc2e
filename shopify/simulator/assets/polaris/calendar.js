// The month grid behind s-date-picker and s-date-field, and the arithmetic of days it needs.
(() => {
  'use strict';
  const { svg } = globalThis.polarisStandIn;

  // Days are plain "YYYY-MM-DD" text everywhere: they sort as text and know no time zone.
  const iso = (date) => `${String(date.getUTCFullYear()).padStart(4, '0')}-${String(date.getUTCMonth() + 1).padStart(2, '0')}-${String(date.getUTCDate()).padStart(2, '0')}`;
  const utc = (day) => new Date(`${day}T00:00:00Z`);
  const isDay = (text) => /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(utc(text).getTime()) && iso(utc(text)) === text;
  const addDays = (day, count) => {
    const date = utc(day);
    date.setUTCDate(date.getUTCDate() + count);
    return iso(date);
  };
  const addMonths = (month, count) => {
    const [year, number] = month.split('-').map(Number);
    return iso(new Date(Date.UTC(year, number - 1 + count, 1))).slice(0, 7);
  };
  const today = () => {
    const now = new Date();
    return iso(new Date(Date.UTC(now.getFullYear(), now.getMonth(), now.getDate())));
  };

  const long = new Intl.DateTimeFormat('en', { dateStyle: 'full', timeZone: 'UTC' });
  const monthName = new Intl.DateTimeFormat('en', { month: 'long', year: 'numeric', timeZone: 'UTC' });
  const dayNames = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];

  // Reads "2026-11, 2026-12-05--2026-12-09, --2026-01" into spans of days.
  const spans = (text) => text.split(/[,\s]+/).filter(Boolean).map((word) => {
    const [from, to] = word.includes('--') ? word.split('--') : [word, word];
    const first = from ? from.padEnd(10, '-01-01'.slice(from.length - 4)) : '0000-01-01';
    const last = !to ? '9999-12-31'
      : to.length === 4 ? `${to}-12-31`
        : to.length === 7 ? addDays(`${addMonths(to, 1)}-01`, -1) : to;
    return [first, last];
  });
  const within = (day, text) => spans(text).some(([from, to]) => day >= from && day <= to);
  const weekday = (day) => dayNames[utc(day).getUTCDay()].toLowerCase();
  const onDays = (day, text) => text.toLowerCase().split(/[,\s]+/).includes(weekday(day));

  const allowed = (day, rules) => (!rules.allow || within(day, rules.allow))
    && (!rules.disallow || !within(day, rules.disallow))
    && (!rules.allowDays || onDays(day, rules.allowDays))
    && (!rules.disallowDays || !onDays(day, rules.disallowDays));

  const look = `
    .month { inline-size: 100%; border-collapse: collapse; table-layout: fixed; font-size: 12px; }
    .bar { display: grid; grid-template-columns: 28px 1fr 28px; align-items: center; margin-block-end: 4px; }
    .bar h3 { grid-column: 2; margin: 0; text-align: center; font-size: 13px; line-height: 28px; font-weight: 650; }
    .bar button { display: grid; place-items: center; inline-size: 28px; block-size: 28px; padding: 0; border: 0; border-radius: 8px; background: none; color: #616161; cursor: pointer; }
    .bar .next { grid-column: 3; grid-row: 1; } .bar button:hover { background: rgba(0, 0, 0, .05); }
    th { padding: 6px 0; font-weight: 450; color: var(--ink-subdued); } td { padding: 0 0 2px; }
    td button { inline-size: 100%; block-size: 30px; padding: 0; border: 0; background: none; border-radius: 8px; cursor: pointer; font: 450 12px/16px var(--font); color: var(--ink); }
    td button:hover { background: #f1f1f1; } td button.today { font-weight: 650; }
    td button.between { background: #f1f1f1; border-radius: 0; }
    td button:is(.first, .last) { background: #303030; color: #fff; } td button.first:not(.last) { border-start-end-radius: 0; border-end-end-radius: 0; }
    td button.last:not(.first) { border-start-start-radius: 0; border-end-start-radius: 0; }
    td button:disabled { color: var(--ink-disabled); cursor: default; background: none; }
    :is(td, .bar) button:focus-visible { outline: 2px solid var(--focus); outline-offset: -1px; }
  `;

  const dayCell = (day, model) => {
    const { from, to, focus } = model;
    const kind = [
      day === from && 'first', day === (to || from) && 'last', to && day > from && day < to && 'between', day === model.today && 'today',
    ].filter(Boolean).join(' ');
    const off = allowed(day, model.rules) ? '' : ' disabled';
    const chosen = day === from || day === to || (to && day > from && day < to);
    return `<td role="gridcell" aria-selected="${chosen}"><button type="button" data-day="${day}" class="${kind}" tabindex="${day === focus ? 0 : -1}" aria-label="${long.format(utc(day))}"${off}${day === model.today ? ' aria-current="date"' : ''}>${Number(day.slice(8))}</button></td>`;
  };

  const monthHtml = (month, model, ends) => {
    const first = `${month}-01`;
    const days = [...Array(utc(first).getUTCDay()).fill('')];
    for (let day = first; day.startsWith(month); day = addDays(day, 1)) days.push(day);
    while (days.length % 7) days.push('');
    const weeks = [];
    for (let at = 0; at < days.length; at += 7) {
      weeks.push(`<tr>${days.slice(at, at + 7).map((day) => (day ? dayCell(day, model) : '<td></td>')).join('')}</tr>`);
    }
    const title = monthName.format(utc(first));
    return `<div><div class="bar">
        ${ends.first ? `<button type="button" class="back" data-turn="-1" aria-label="Previous month">${svg('arrow-left')}</button>` : ''}
        <h3 aria-live="polite">${title}</h3>
        ${ends.last ? `<button type="button" class="next" data-turn="1" aria-label="Next month">${svg('arrow-right')}</button>` : ''}
      </div>
      <table class="month" role="grid" aria-label="${title}"><thead><tr>${dayNames.map((name) => `<th scope="col" abbr="${name}">${name.slice(0, 2)}</th>`).join('')}</tr></thead>
      <tbody>${weeks.join('')}</tbody></table></div>`;
  };

  const steps = {
    ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7,
  };

  Object.assign(globalThis.polarisStandIn, {
    days: { isDay, addDays, addMonths, today, allowed, utc }, calendar: { look, monthHtml, steps },
  });
})();
