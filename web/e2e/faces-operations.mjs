// The faces of what changes many records: the list, the wizard, one operation, its revert, the data cleaner.
import { operationAnswers as answers, operationId } from './answers-operations.mjs';

const failing = () => ({ errors: [{ message: 'out of order' }] });

/** Of what has the same name, that which can be seen: dialogs that are closed are in the page too. */
const shown = (locator) => locator.filter({ visible: true }).first();
const press = (frame, name) => shown(frame.getByRole('button', { name, exact: true })).click();

async function nameTag(frame, tag = 'Sale') {
  const field = frame.getByLabel('Tags to put on', { exact: true });
  await field.fill(tag);
  await field.press('Enter');
}

/** Goes to the second step of the wizard. */
async function toWhich(frame) {
  await nameTag(frame);
  await press(frame, 'Continue');
  await frame.getByRole('heading', { name: 'Which products?' }).waitFor();
}

/** Goes to the third step of the wizard. */
async function toPreview(frame) {
  await toWhich(frame);
  await frame.getByLabel('Search', { exact: true }).fill('vendor:"Kumeu River"');
  await press(frame, 'See preview');
}

const wizard = '/operations/new';
const wizardFaces = [
  { name: 'wizard-what', path: wizard, shows: 'What is to be done?' },
  {
    name: 'wizard-wrong',
    path: '/operations/new?kind=tag_replace&resource=order',
    shows: 'Replace with',
    act: async (frame) => {
      await press(frame, 'Continue');
      await frame.getByText('Name at least one tag.').waitFor();
    },
  },
  { name: 'wizard-which', path: wizard, shows: 'What is to be done?', answer: answers.wizard, act: toWhich },
  {
    name: 'wizard-misread',
    path: wizard,
    shows: 'What is to be done?',
    answer: answers.misread,
    act: async (frame) => {
      await toWhich(frame);
      await frame.getByLabel('Search', { exact: true }).fill('colour:red');
      await press(frame, 'See preview');
      await frame.getByText('Shopify knows no field').waitFor();
    },
  },
  {
    name: 'wizard-csv',
    path: wizard,
    shows: 'What is to be done?',
    answer: answers.wizard,
    act: async (frame) => {
      await toWhich(frame);
      await frame.getByRole('radio', { name: 'Those in a CSV file' }).check();
      await frame.locator('s-drop-zone input[type=file]').setInputFiles({
        name: 'products.csv',
        mimeType: 'text/csv',
        buffer: Buffer.from('Product ID\n1\n'),
      });
      await frame.getByText('Mend them in the file').waitFor();
    },
  },
  {
    name: 'wizard-file',
    path: wizard,
    shows: 'What is to be done?',
    act: async (frame) => {
      await toWhich(frame);
      await frame.getByRole('radio', { name: 'Those in a CSV file' }).check();
      await press(frame, 'See preview');
      await frame.getByText('Choose a file.').waitFor();
    },
  },
  {
    name: 'wizard-all',
    path: wizard,
    shows: 'What is to be done?',
    answer: answers.wizard,
    act: async (frame) => {
      await toWhich(frame);
      await frame.getByRole('radio', { name: 'Everything' }).check();
      await frame.getByText('Yes, all 2,000 products').waitFor();
    },
  },
  {
    name: 'wizard-preview',
    path: wizard,
    shows: 'What is to be done?',
    answer: answers.wizard,
    act: async (frame) => {
      await toPreview(frame);
      await frame.getByText('It takes about').waitFor();
    },
  },
  {
    name: 'wizard-nothing',
    path: wizard,
    shows: 'What is to be done?',
    answer: answers.nothing,
    act: async (frame) => {
      await toPreview(frame);
      await frame.getByText('Nothing would change').waitFor();
    },
  },
  {
    name: 'wizard-confirm',
    path: wizard,
    shows: 'What is to be done?',
    answer: answers.wizard,
    act: async (frame) => {
      await toPreview(frame);
      await frame.getByText('It takes about').waitFor();
      await press(frame, 'Continue');
      await frame.getByText('can be taken back').waitFor();
    },
  },
];

const path = `/operations/${operationId}`;
const detailFaces = [
  { name: 'operation', path, shows: 'What went wrong', answer: answers.detail },
  { name: 'operation-running', path, shows: 'Waiting for', answer: answers.running },
  {
    name: 'operation-cancel',
    path,
    shows: 'Waiting for',
    answer: answers.running,
    act: async (frame) => {
      await press(frame, 'Cancel operation');
      await frame.getByText('Let it go on').waitFor();
    },
  },
  {
    name: 'operation-revert',
    path,
    shows: 'What went wrong',
    answer: answers.detail,
    act: async (frame) => {
      await press(frame, 'Revert');
      await shown(frame.getByText('Changed since', { exact: true })).waitFor();
    },
  },
  {
    name: 'operation-chosen',
    path,
    shows: 'What went wrong',
    answer: answers.detail,
    act: async (frame) => {
      await frame
        .getByRole('checkbox', { name: /^Choose Barolo/ })
        .first()
        .check();
      await shown(frame.getByText('Revert 1 product', { exact: true })).waitFor();
    },
  },
  { name: 'operation-free', path, shows: 'Reverting belongs to the Pro plan', answer: answers.free },
  { name: 'operation-empty', path, shows: 'No records', answer: answers.notItems },
  {
    name: 'operation-missing',
    path: '/operations/00000000-0000-7000-8000-000000000000',
    shows: 'Operation not found',
  },
  { name: 'operation-error', path, shows: 'The operation could not be loaded', answer: failing },
  { name: 'operation-skeleton', path, skeleton: 'Loading the operation' },
];

const cleanerFaces = [
  { name: 'cleaner', path: '/cleaner', shows: 'Several spellings', answer: answers.findings },
  {
    name: 'cleaner-chosen',
    path: '/cleaner',
    shows: 'Several spellings',
    answer: answers.findings,
    act: async (frame) => {
      await frame.getByRole('checkbox', { name: 'Choose Sale' }).check();
      await shown(frame.getByText('Clean 1 finding', { exact: true })).waitFor();
    },
  },
  {
    name: 'cleaner-confirm',
    path: '/cleaner',
    shows: 'Several spellings',
    answer: answers.findings,
    act: async (frame) => {
      await frame.getByRole('checkbox', { name: 'Choose Sale' }).check();
      await press(frame, 'Clean 1 finding');
      await shown(frame.getByText('It takes about')).waitFor();
    },
  },
  { name: 'cleaner-empty', path: '/cleaner', shows: 'Nothing is wrong', answer: answers.nothingWrong },
  { name: 'cleaner-never', path: '/cleaner', shows: 'were not looked at yet', answer: answers.neverScanned },
  { name: 'cleaner-scanning', path: '/cleaner', shows: 'Reading the tags', answer: answers.scanning },
  { name: 'cleaner-error', path: '/cleaner', shows: 'The findings could not be loaded', answer: failing },
  { name: 'cleaner-skeleton', path: '/cleaner', skeleton: 'Loading the findings' },
];

export const operationFaces = [
  { name: 'operations', path: '/operations', shows: 'Reading records', answer: answers.list },
  { name: 'operations-empty', path: '/operations', shows: 'No operations yet', answer: answers.empty },
  {
    name: 'operations-nothing',
    path: '/operations?status=failed',
    shows: 'Nothing matches',
    answer: answers.empty,
  },
  {
    name: 'operations-error',
    path: '/operations',
    shows: 'The operations could not be loaded',
    answer: failing,
  },
  { name: 'operations-skeleton', path: '/operations', skeleton: 'Loading the operations' },
  ...wizardFaces,
  ...detailFaces,
  ...cleanerFaces,
];
