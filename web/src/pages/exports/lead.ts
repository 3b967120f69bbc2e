/** What the page is for, in a line. */
export const lead = 'Files of the log. A link is good for seven days, for whoever has it';
