// @slack/bolt as a small incident bot, over HTTP and over Socket Mode: the same conversation in both.
import bolt from '@slack/bolt';
import { createHmac } from 'node:crypto';
import { assert, attempt, need, people, state, until } from './try.mjs';

const plain = (text) => ({ type: 'plain_text', text });
const input = (id, element, more = {}) => ({ type: 'input', block_id: id, label: plain(id), element: { action_id: 'value', ...element }, ...more });
const form = (title) => ({
  type: 'modal', callback_id: 'declare', title: plain(title), submit: plain('Declare'), notify_on_close: true,
  blocks: [
    input('title', { type: 'plain_text_input' }),
    input('severity', { type: 'static_select', options: ['sev1', 'sev2'].map((v) => ({ text: plain(v.toUpperCase()), value: v })) }, { optional: true }),
    input('service', { type: 'external_select', min_query_length: 1 }, { optional: true }),
    { type: 'actions', block_id: 'row', elements: [{ type: 'button', action_id: 'more', text: plain('More') }, { type: 'button', action_id: 'deeper', text: plain('Deeper') }] },
  ],
});
const button = [{ type: 'actions', block_id: 'row', elements: [{ type: 'button', action_id: 'resolve', value: '42', text: plain('Resolve') }] }];

const rows = [{
  type: 'section', block_id: 'row-1', text: plain('14:05 the disk is full'),
  accessory: {
    type: 'overflow', action_id: 'row', options: ['Edit', 'Remove'].map((v) => ({ text: plain(v), value: v.toLowerCase() })),
    confirm: { title: plain('Sure?'), text: plain('It is changed for all.'), confirm: plain('Yes'), deny: plain('No') },
  },
}];

const quiet = { debug() {}, info() {}, warn() {}, error: console.error, setLevel() {}, getLevel: () => 'error', setName() {} };

// listen registers what the bot can do; heard keeps what it was told.
function listen(app, heard) {
  const hear = (what, body) => { (heard[what] ??= []).push(body); };
  app.use(async ({ context, next }) => { hear('context', context); await next(); });
  app.command('/incident', async ({ command, ack, client, respond }) => {
    hear('command', command);
    if (command.text === 'form') {
      await client.views.open({ trigger_id: command.trigger_id, view: form('Declare') });
      await ack();
    } else if (command.text === 'later') {
      await ack();
      await respond({ text: 'only for you' });
      await respond({ text: 'for all', response_type: 'in_channel' });
    } else {
      await ack({ text: `Heard ${command.text}`, response_type: 'ephemeral' });
    }
  });
  app.event('app_mention', async ({ event, say }) => { hear('app_mention', event); await say({ text: 'You called?', thread_ts: event.ts }); });
  app.event('reaction_added', async ({ event }) => hear('reaction_added', event));
  app.event('member_joined_channel', async ({ event }) => hear('member_joined_channel', event));
  app.event('app_home_opened', async ({ event, client }) => {
    hear('app_home_opened', event);
    await client.views.publish({ user_id: event.user, view: { type: 'home', blocks: [{ type: 'section', text: plain('Home') }] } });
  });
  app.message('offer', async ({ message, say }) => { hear('message', message); await say({ text: 'Choose', blocks: button }); });
  app.event('message', async ({ event }) => hear(event.subtype ?? 'plain', event));
  app.action('resolve', async ({ action, body, ack, respond }) => {
    await ack();
    hear('resolve', { action, body });
    await respond({ text: 'Resolved', replace_original: true, blocks: [] });
  });
  app.action('more', async ({ ack, body, client }) => {
    await ack();
    hear('more', body);
    await client.views.update({ view_id: body.view.id, hash: body.view.hash, view: form('More of it') });
  });
  app.message('rows', async ({ say }) => { await say({ text: 'Rows', blocks: rows }); });
  app.action('row', async ({ action, ack, body, client }) => {
    await ack();
    hear('row', action);
    if (action.selected_option.value !== 'edit') return;
    await client.views.open({ trigger_id: body.trigger_id, view: { ...form('Below'), callback_id: 'below', notify_on_close: false } });
  });
  app.action('deeper', async ({ ack, body, client }) => {
    await ack();
    const { view } = await client.views.push({ trigger_id: body.trigger_id, view: { ...form('Above'), callback_id: 'above', notify_on_close: false } });
    hear('pushed', { view, below: body.view });
  });
  app.view('above', async ({ ack }) => ack());
  app.options('value', async ({ options, ack }) => ack({ options: [{ text: plain(`${options.value}!`), value: options.value }] }));
  app.shortcut('declare', async ({ shortcut, ack, client }) => {
    await ack();
    hear('shortcut', shortcut);
    await client.views.open({ trigger_id: shortcut.trigger_id, view: form('Declare') });
  });
  app.shortcut('add_to_timeline', async ({ shortcut, ack, respond }) => {
    await ack();
    hear('message_action', shortcut);
    await respond({ text: 'Added', response_type: 'ephemeral', replace_original: false });
  });
  app.view('declare', async ({ view, ack, body }) => {
    hear('submission', body);
    const title = view.state.values.title.value.value;
    if (title === 'bad') return ack({ response_action: 'errors', errors: { title: 'Say what is broken.' } });
    if (title === 'next') return ack({ response_action: 'update', view: { ...form('Again'), callback_id: 'again' } });
    return ack();
  });
  app.view('again', async ({ ack }) => ack({ response_action: 'clear' }));
  app.view({ callback_id: 'declare', type: 'view_closed' }, async ({ ack, body }) => { await ack(); hear('closed', body); });
  app.error(async (error) => hear('error', String(error.stack ?? error)));
}

const personal = async () => (await state()).people.find((p) => p.name === 'ana');

async function words(mode, heard) {
  await attempt(`${mode}: commands`, async () => {
    const answer = await people('command', { who: 'ana', channel: 'team', text: '/incident list' });
    assert.deepEqual([answer.text, answer.in_channel], ['Heard list', false]);
    const got = heard.command[0];
    assert.match(got.trigger_id, /^\d+\.\d+\.\w+$/);
    assert.deepEqual([got.command, got.text, got.channel_name, got.user_name], ['/incident', 'list', 'team', 'ana']);
    await people('command', { who: 'ana', channel: 'team', text: '/incident later' });
    await until('the answer for one', async () => (await personal()).ephemerals.some((m) => m.text === 'only for you'));
    await until('the answer for all', async () => (await state('team')).channels[0].messages.some((m) => m.text === 'for all' && m.bot));
  });
  await attempt(`${mode}: a mention and its answer`, async () => {
    const { ts } = await people('say', { who: 'ana', channel: 'team', text: '@watchbell are you there?' });
    await until('the answer in the thread', async () => (await state('team')).channels[0].messages
      .find((m) => m.thread === ts && m.text === 'You called?'));
    assert.match(heard.app_mention[0].text, /^<@U\w+> are you there\?$/);
    assert.equal(heard.app_mention[0].ts, ts);
    assert.ok(heard.context.at(-1).botUserId && heard.context.at(-1).botId && heard.context.at(-1).teamId);
  });
  await attempt(`${mode}: messages, changes, reactions`, async () => {
    const { ts } = await people('say', { who: 'ben', channel: 'team', text: 'the shop is slow' });
    await people('edit', { who: 'ben', channel: 'team', ts, text: 'the shop is down' });
    await people('react', { who: 'ana', channel: 'team', ts, emoji: 'pushpin' });
    await people('delete', { who: 'ben', channel: 'team', ts });
    await people('delivered');
    await until('the deletion', () => heard.message_deleted);
    const before = heard.plain.find((m) => m.ts === ts);
    assert.deepEqual([before.type, before.channel_type, before.blocks[0].type], ['message', 'channel', 'rich_text']);
    assert.ok(before.client_msg_id && before.team);
    const changed = heard.message_changed.find((m) => m.message.ts === ts);
    assert.deepEqual([changed.message.text, changed.previous_message.text], ['the shop is down', 'the shop is slow']);
    assert.ok(changed.message.edited.ts);
    assert.deepEqual(heard.reaction_added.at(-1).item, { type: 'message', channel: before.channel, ts });
    assert.equal(heard.message_deleted.at(-1).deleted_ts, ts);
    assert.deepEqual(heard.error ?? [], []);
  });
}

async function presses(mode, heard) {
  await attempt(`${mode}: a button and its response URL`, async () => {
    await people('say', { who: 'ana', channel: 'team', text: 'an offer please' });
    const asked = await until('the offer', async () => (await state('team')).channels[0].messages.find((m) => m.text === 'Choose' && m.buttons.length));
    await people('press', { who: 'ana', channel: 'team', action: 'resolve' });
    await until('the change', async () => (await state('team')).channels[0].messages.find((m) => m.ts === asked.ts && m.text === 'Resolved'));
    const { action, body } = heard.resolve.at(-1);
    assert.deepEqual([action.value, action.type, action.block_id], ['42', 'button', 'row']);
    assert.deepEqual(body.container, { type: 'message', message_ts: asked.ts, channel_id: body.channel.id, is_ephemeral: false });
    assert.equal(body.message.ts, asked.ts);
  });
  await attempt(`${mode}: shortcuts`, async () => {
    await people('shortcut', { who: 'ana', callback: 'declare' });
    const view = await until('the form', async () => (await personal()).view);
    assert.equal(view.title, 'Declare');
    await people('close', { who: 'ana' });
    await until('the end of the form', () => heard.closed);
    assert.equal(heard.closed[0].is_cleared, false);
    const { ts } = await people('say', { who: 'ana', channel: 'team', text: 'worth keeping' });
    await people('shortcut', { who: 'ana', callback: 'add_to_timeline', channel: 'team', ts });
    await until('the answer', async () => (await personal()).ephemerals.some((m) => m.text === 'Added'));
    const got = heard.message_action.at(-1);
    assert.deepEqual([got.message_ts, got.message.text, got.channel.name], [ts, 'worth keeping', 'team']);
  });
  await attempt(`${mode}: a form from beginning to end`, async () => {
    await people('command', { who: 'ana', channel: 'team', text: '/incident form' });
    const { options } = await people('suggest', { who: 'ana', block: 'service', value: 'pay' });
    assert.deepEqual(options.map((o) => o.label), ['pay!']);
    await people('fill', { who: 'ana', block: 'title', value: 'bad' });
    await people('fill', { who: 'ana', block: 'severity', value: 'sev2' });
    assert.equal((await people('submit', { who: 'ana' })).errors.title, 'Say what is broken.');
    await people('press', { who: 'ana', action: 'more' });
    const changed = await until('the new title', async () => { const { view } = await personal(); return view.title === 'More of it' && view; });
    assert.equal(changed.inputs.find((i) => i.block === 'title').value, 'bad');
    await people('fill', { who: 'ana', block: 'title', value: 'next' });
    assert.equal((await people('submit', { who: 'ana' })).view.title, 'Again');
    await people('fill', { who: 'ana', block: 'title', value: 'good' });
    assert.equal((await people('submit', { who: 'ana' })).view, null);
    const { view } = heard.submission.at(-1);
    assert.deepEqual(view.state.values.severity.value.selected_option, { text: { type: 'plain_text', text: 'SEV2' }, value: 'sev2' });
    assert.deepEqual(view.state.values.service.value, { type: 'external_select', selected_option: null });
  });
  await attempt(`${mode}: an overflow menu that asks first, and a form on a form`, async () => {
    await people('say', { who: 'ana', channel: 'team', text: 'show me rows' });
    const { ts } = await until('the rows', async () => (await state('team')).channels[0].messages.findLast((m) => m.text === 'Rows'));
    await people('choose', { who: 'ana', channel: 'team', ts, action: 'row', value: 'Edit' });
    await until('the form', async () => (await personal()).view?.title === 'Below');
    const got = heard.row.at(-1);
    assert.deepEqual([got.type, got.block_id, got.selected_option], ['overflow', 'row-1', { text: { type: 'plain_text', text: 'Edit' }, value: 'edit' }]);
    assert.equal(got.confirm.title.text, 'Sure?');
    await people('press', { who: 'ana', action: 'deeper' });
    await until('the form on it', async () => (await personal()).view?.title === 'Above');
    await until('the answer of views.push', () => heard.pushed);
    const { view, below } = heard.pushed.at(-1);
    assert.deepEqual([view.previous_view_id, view.root_view_id], [below.id, below.root_view_id]);
    await people('fill', { who: 'ana', block: 'title', value: 'x' });
    assert.equal((await people('submit', { who: 'ana' })).view.title, 'Below');
    await people('close', { who: 'ana' });
    assert.deepEqual(heard.error ?? [], []);
  });
  await attempt(`${mode}: the Home tab`, async () => {
    await people('home', { who: 'ben' });
    await until('the Home tab', async () => (await state()).people.find((p) => p.name === 'ben').home);
    assert.equal(heard.app_home_opened[0].tab, 'home');
    assert.deepEqual(heard.error ?? [], []);
  });
}

async function overHTTP() {
  const heard = {};
  const app = new bolt.App({
    token: need('SLACK_BOT_TOKEN'), signingSecret: need('SLACK_SIGNING_SECRET'), logger: quiet,
    clientOptions: { slackApiUrl: need('SLACK_API_URL') },
  });
  listen(app, heard);
  const server = await app.start({ port: 0, host: '127.0.0.1' });
  const url = `http://127.0.0.1:${server.address().port}/slack/events`;
  await people('connect', { url });
  await attempt('HTTP: the request URL is verified', async () => assert.equal((await people('verify')).verified, true));
  await attempt('HTTP: a wrong signature is refused', async () => {
    const body = '{"type":"url_verification","challenge":"echo"}';
    const ts = String(Math.floor(Date.now() / 1000));
    const post = (secret) => fetch(url, { method: 'POST', body, headers: {
      'Content-Type': 'application/json', 'X-Slack-Request-Timestamp': ts,
      'X-Slack-Signature': `v0=${createHmac('sha256', secret).update(`v0:${ts}:${body}`).digest('hex')}`,
    } });
    assert.equal((await post('another secret')).status, 401);
    assert.equal((await (await post(need('SLACK_SIGNING_SECRET'))).json()).challenge, 'echo');
  });
  await words('HTTP', heard);
  await presses('HTTP', heard);
  await people('connect', { url: '' });
  await app.stop();
}

async function overSocket() {
  const heard = {};
  const app = new bolt.App({
    token: need('SLACK_BOT_TOKEN'), appToken: need('SLACK_APP_TOKEN'), socketMode: true, logger: quiet,
    clientOptions: { slackApiUrl: need('SLACK_API_URL') },
  });
  listen(app, heard);
  await app.start();
  await words('socket', heard);
  await presses('socket', heard);
  await app.stop();
  await until('the socket to close', async () => (await state('team')).sockets === 0);
}

export async function slackBolt() {
  await people('user', { who: 'ana', name: 'Ana Example', zone: 'Europe/Berlin' });
  await people('user', { who: 'ben', name: 'Ben Example', zone: 'America/New_York' });
  await overHTTP();
  await overSocket();
}
