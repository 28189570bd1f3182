// @slack/web-api against the local Slack: every method the bot could want, with the shapes that its users rely on.
import slack from '@slack/web-api';
import { assert, attempt, need, people, refused, state } from './try.mjs';

const { WebClient, retryPolicies } = slack;
const plain = (text) => ({ type: 'plain_text', text });
const modal = (id, more = {}) => ({
  type: 'modal', callback_id: id, title: plain('A form'), submit: plain('Send'), private_metadata: '{"n":1}',
  blocks: [{ type: 'input', block_id: 'title', label: plain('Title'), element: { type: 'plain_text_input', action_id: 'value' } }], ...more,
});

export function slackClient(options = {}) {
  return new WebClient(need('SLACK_BOT_TOKEN'), { slackApiUrl: need('SLACK_API_URL'), retryConfig: retryPolicies.rapidRetryPolicy, ...options });
}

async function identity(web) {
  await attempt('auth.test and its scopes', async () => {
    const me = await web.auth.test();
    assert.match(me.user_id, /^U/);
    assert.match(me.bot_id, /^B/);
    assert.match(me.team_id, /^T/);
    assert.ok(me.response_metadata.scopes.includes('chat:write'), 'x-oauth-scopes');
    const posted = await web.conversations.list();
    assert.ok(posted.response_metadata.acceptedScopes.includes('channels:read'), 'x-accepted-oauth-scopes');
  });
  await attempt('api.test', async () => {
    const answer = await web.api.test({ foo: 'bar' });
    assert.equal(answer.args.foo, 'bar');
    const data = await refused('told_to', () => web.api.test({ error: 'told_to' }));
    assert.equal(data.ok, false);
  });
  await attempt('tokens that are none', async () => {
    await refused('invalid_auth', () => slackClient({ headers: {} }).auth.test({ token: 'xoxb-1-2-3' }));
    await refused('not_allowed_token_type', () => web.auth.test({ token: need('SLACK_APP_TOKEN') }));
    await refused('not_allowed_token_type', () => web.apps.connections.open());
  });
  await attempt('unknown methods', async () => {
    const data = await refused('unknown_method', () => web.apiCall('incident.declare', { req_method: 'x' }));
    assert.equal(data.req_method, 'incident.declare');
  });
  await attempt('users', async () => {
    const ana = (await people('user', { who: 'ana', name: 'Ana Example', zone: 'Europe/Berlin' })).id;
    await people('user', { who: 'ben', name: 'Ben Example', zone: 'America/New_York' });
    const { user } = await web.users.info({ user: ana, include_locale: true });
    assert.equal(user.profile.real_name, 'Ana Example');
    assert.equal(user.tz, 'Europe/Berlin');
    assert.equal(user.locale, 'en-US');
    assert.equal(typeof user.updated, 'number');
    assert.equal(user.is_restricted, false);
    assert.match(user.profile.image_72, /^https?:/);
    const names = [];
    for await (const page of web.paginate('users.list', { limit: 1 })) names.push(...page.members.map((m) => m.name));
    assert.ok(names.length >= 3 && names.includes('ana'));
    await refused('user_not_found', () => web.users.info({ user: 'U404' }));
    const found = await web.users.lookupByEmail({ email: user.profile.email });
    assert.equal(found.user.id, ana);
    assert.equal((await web.users.profile.get({ user: ana })).profile.email, user.profile.email);
    assert.equal((await web.users.getPresence({ user: ana })).presence, 'active');
    const { team } = await web.team.info();
    assert.match(team.url, /^https:/);
    assert.equal((await web.bots.info({ bot: (await web.auth.test()).bot_id })).bot.user_id, (await web.auth.test()).user_id);
    assert.ok(Array.isArray((await web.usergroups.list({ include_users: true })).usergroups));
    assert.ok((await web.emoji.list()).emoji);
  });
}

async function channels(web) {
  const ana = (await state()).people.find((p) => p.name === 'ana').id;
  await attempt('conversations', async () => {
    const { channel } = await web.conversations.create({ name: 'sdk-1', is_private: false });
    assert.equal(channel.name, 'sdk-1');
    assert.equal(channel.is_member, true);
    assert.equal(typeof channel.created, 'number');
    assert.deepEqual([channel.unlinked, channel.is_org_shared, channel.previous_names.length], [0, false, 0]);
    assert.deepEqual(channel.shared_team_ids, [(await web.auth.test()).team_id]);
    for (let i = 2; i <= 7; i += 1) await web.conversations.create({ name: `sdk-${i}` });
    await refused('name_taken', () => web.conversations.create({ name: 'sdk-1' }));
    await refused('invalid_name_specials', () => web.conversations.create({ name: 'Not Good' }));
    const names = [];
    for await (const page of web.paginate('conversations.list', { limit: 3, exclude_archived: true, types: 'public_channel,private_channel' })) {
      assert.ok(page.channels.length <= 3);
      names.push(...page.channels.map((c) => c.name));
    }
    assert.equal(new Set(names).size, names.length);
    assert.ok(names.filter((n) => n.startsWith('sdk-')).length >= 7);
    const invited = await web.conversations.invite({ channel: channel.id, users: ana });
    assert.equal(invited.channel.id, channel.id);
    const again = await refused('already_in_channel', () => web.conversations.invite({ channel: channel.id, users: ana }));
    assert.deepEqual(again.errors[0], { user: ana, ok: false, error: 'already_in_channel' });
    assert.ok((await web.conversations.members({ channel: channel.id })).members.includes(ana));
    const topic = await web.conversations.setTopic({ channel: channel.id, topic: 'SEV1 & more' });
    assert.equal(topic.channel.topic.value, 'SEV1 & more');
    assert.match(topic.channel.topic.creator, /^U/);
    assert.ok(topic.channel.topic.last_set > 0);
    await web.conversations.setPurpose({ channel: channel.id, purpose: 'to try' });
    assert.equal((await web.conversations.info({ channel: channel.id, include_num_members: true })).channel.num_members, 2);
    assert.equal((await web.conversations.rename({ channel: channel.id, name: 'sdk-one' })).channel.name, 'sdk-one');
    assert.deepEqual((await web.conversations.info({ channel: channel.id })).channel.previous_names, ['sdk-1']);
    await web.conversations.kick({ channel: channel.id, user: ana });
    await refused('not_in_channel', () => web.conversations.kick({ channel: channel.id, user: ana }));
    await web.conversations.archive({ channel: channel.id });
    await refused('already_archived', () => web.conversations.archive({ channel: channel.id }));
    await refused('is_archived', () => web.conversations.setTopic({ channel: channel.id, topic: 'x' }));
    await web.conversations.unarchive({ channel: channel.id });
    assert.equal((await web.conversations.join({ channel: channel.id })).channel.id, channel.id);
    assert.equal((await web.conversations.leave({ channel: channel.id })).ok, true);
    await refused('channel_not_found', () => web.conversations.info({ channel: 'C404' }));
  });
  await attempt('direct conversations', async () => {
    const im = await web.conversations.open({ users: ana, return_im: true });
    assert.equal(im.channel.user, ana);
    assert.equal((await web.conversations.open({ users: ana })).already_open, true);
    assert.equal((await web.chat.postMessage({ channel: ana, text: 'hello' })).channel, im.channel.id);
    assert.ok((await web.users.conversations({ types: 'im' })).channels.some((c) => c.id === im.channel.id));
    await web.conversations.close({ channel: im.channel.id });
    await web.conversations.mark({ channel: im.channel.id, ts: '1700000000.000001' });
  });
}

async function messages(web) {
  const { channels: all } = await web.conversations.list();
  const channel = all.find((c) => c.name === 'team').id;
  const ana = (await state()).people.find((p) => p.name === 'ana').id;
  await attempt('paging through a channel and a thread', async () => {
    const sent = [];
    for (let i = 0; i < 6; i += 1) sent.push((await web.chat.postMessage({ channel, text: `page ${i}` })).ts);
    const between = async (more) => (await web.conversations.history({ channel, oldest: sent[1], latest: sent[4], ...more })).messages.map((m) => m.ts);
    assert.deepEqual(await between({}), [sent[3], sent[2]]); // newest first, without the ends
    assert.deepEqual(await between({ inclusive: true }), [sent[4], sent[3], sent[2], sent[1]]);
    const pages = [];
    for await (const page of web.paginate('conversations.history', { channel, oldest: sent[0], inclusive: true, limit: 4 })) {
      assert.equal(page.has_more, Boolean(page.response_metadata.next_cursor));
      pages.push(page.messages.map((m) => m.ts));
    }
    assert.deepEqual(pages, [[sent[5], sent[4], sent[3], sent[2]], [sent[1], sent[0]]]);
    const replies = [];
    for (let i = 0; i < 5; i += 1) replies.push((await web.chat.postMessage({ channel, text: `reply ${i}`, thread_ts: sent[0] })).ts);
    const read = new Set();
    for await (const page of web.paginate('conversations.replies', { channel, ts: sent[0], limit: 2 })) page.messages.forEach((m) => read.add(m.ts));
    assert.deepEqual([...read], [sent[0], ...replies]); // oldest first
    assert.deepEqual((await between({ inclusive: true })).filter((ts) => replies.includes(ts)), []);
    await refused('thread_not_found', () => web.conversations.replies({ channel, ts: '1600000000.000001' }));
    await refused('invalid_ts_oldest', () => web.conversations.history({ channel, oldest: 'yesterday' }));
  });
  await attempt('messages, threads, metadata', async () => {
    const metadata = { event_type: 'check', event_payload: { key: 'a', n: 3 } };
    const blocks = [{ type: 'section', text: { type: 'mrkdwn', text: 'Hello *all*' } }];
    const posted = await web.chat.postMessage({ channel, text: 'Hello all', blocks, metadata, unfurl_links: false });
    assert.match(posted.ts, /^\d+\.\d{6}$/);
    assert.equal(posted.message.bot_id, (await web.auth.test()).bot_id);
    assert.match(posted.message.blocks[0].block_id, /./);
    assert.equal(posted.message.bot_profile.icons.image_72.slice(0, 4), 'http');
    const reply = await web.chat.postMessage({ channel, text: 'A reply', thread_ts: posted.ts, reply_broadcast: true });
    assert.equal(reply.message.thread_ts, posted.ts);
    const { messages: thread } = await web.conversations.replies({ channel, ts: posted.ts });
    assert.deepEqual(thread.map((m) => m.ts), [posted.ts, reply.ts]);
    assert.equal(thread[0].reply_count, 1);
    assert.equal(thread[0].is_locked, false);
    assert.equal(thread[0].subscribed, true);
    assert.equal(thread[1].subtype, 'thread_broadcast');
    const whole = await web.conversations.history({ channel, include_all_metadata: true, limit: 5 });
    assert.deepEqual(whole.messages.find((m) => m.ts === posted.ts).metadata, metadata);
    const short = await web.conversations.history({ channel, latest: posted.ts, inclusive: true, limit: 1 });
    assert.equal(short.messages[0].metadata.event_payload, undefined);
    const changed = await web.chat.update({ channel, ts: posted.ts, text: 'Changed', blocks: [] });
    assert.equal(changed.text, 'Changed');
    assert.equal(changed.message.blocks, undefined);
    const link = await web.chat.getPermalink({ channel, message_ts: reply.ts });
    assert.match(link.permalink, /thread_ts=/);
    const secret = await web.chat.postEphemeral({ channel, user: ana, text: 'For you' });
    assert.match(secret.message_ts, /^\d+\.\d{6}$/);
    await refused('message_not_found', () => web.chat.update({ channel, ts: secret.message_ts, text: 'x' }));
    assert.equal((await web.chat.delete({ channel, ts: reply.ts })).ts, reply.ts);
    await refused('message_not_found', () => web.chat.delete({ channel, ts: reply.ts }));
    await refused('no_text', () => web.chat.postMessage({ channel, text: '' }));
    await refused('channel_not_found', () => web.chat.postMessage({ channel: '#nowhere', text: 'x' }));
    const me = await web.chat.meMessage({ channel, text: 'waves' });
    assert.equal(me.channel, channel);
  });
  await attempt('blocks that are wrong', async () => {
    const data = await refused('invalid_blocks', () => web.chat.postMessage({ channel, text: 'x', blocks: [{ type: 'section' }] }));
    assert.ok(data.response_metadata.messages[0].startsWith('[ERROR]'));
    assert.ok(data.errors.length > 0);
    const many = Array.from({ length: 51 }, () => ({ type: 'divider' }));
    await refused('invalid_blocks', () => web.chat.postMessage({ channel, text: 'x', blocks: many }));
    await refused('invalid_blocks_format', () => web.chat.postMessage({ channel, text: 'x', blocks: '{"not":"a list"}' }));
  });
  await attempt('attachments and markdown', async () => {
    const posted = await web.chat.postMessage({ channel, text: 'x', attachments: [{ color: '#f00', text: 'old style', fallback: 'f' }] });
    assert.equal(posted.message.attachments[0].text, 'old style');
    assert.equal(posted.message.attachments[0].id, 1);
    const marked = await web.chat.postMessage({ channel, markdown_text: '**bold** words' });
    assert.match(marked.message.text, /bold/);
    await refused('markdown_text_conflict', () => web.chat.postMessage({ channel, markdown_text: 'a', text: 'b' }));
  });
  await attempt('history in pages', async () => {
    for (let i = 0; i < 7; i += 1) await web.chat.postMessage({ channel, text: `line ${i}` });
    const seen = [];
    for await (const page of web.paginate('conversations.history', { channel, limit: 2 })) {
      assert.equal(typeof page.has_more, 'boolean');
      seen.push(...page.messages.map((m) => m.ts));
    }
    assert.ok(seen.length >= 8);
    assert.deepEqual(seen, [...seen].sort().reverse());
    await refused('invalid_cursor', () => web.conversations.history({ channel, cursor: 'nonsense' }));
  });
  await attempt('marks', async () => {
    const { ts } = await web.chat.postMessage({ channel, text: 'to be marked' });
    await web.reactions.add({ channel, timestamp: ts, name: 'eyes' });
    await refused('already_reacted', () => web.reactions.add({ channel, timestamp: ts, name: 'eyes' }));
    const { message } = await web.reactions.get({ channel, timestamp: ts, full: true });
    assert.deepEqual([message.reactions[0].name, message.reactions[0].count], ['eyes', 1]);
    assert.ok((await web.reactions.list()).items.some((i) => i.message.ts === ts));
    await web.reactions.remove({ channel, timestamp: ts, name: 'eyes' });
    await refused('no_reaction', () => web.reactions.remove({ channel, timestamp: ts, name: 'eyes' }));
    await web.pins.add({ channel, timestamp: ts });
    await refused('already_pinned', () => web.pins.add({ channel, timestamp: ts }));
    const { items } = await web.pins.list({ channel });
    assert.equal(items[0].message.ts, ts);
    assert.ok(items[0].message.permalink);
    assert.deepEqual(items[0].message.pinned_to, [channel]);
    await web.pins.remove({ channel, timestamp: ts });
    await refused('no_pin', () => web.pins.remove({ channel, timestamp: ts }));
    const { bookmark } = await web.bookmarks.add({ channel_id: channel, title: 'Post', type: 'link', link: 'https://example.com', emoji: ':memo:' });
    assert.equal(bookmark.channel_id, channel);
    assert.equal((await web.bookmarks.edit({ channel_id: channel, bookmark_id: bookmark.id, title: 'Post 2' })).bookmark.title, 'Post 2');
    assert.equal((await web.bookmarks.list({ channel_id: channel })).bookmarks.length, 1);
    await web.bookmarks.remove({ channel_id: channel, bookmark_id: bookmark.id });
  });
}

async function views(web) {
  const ana = (await state()).people.find((p) => p.name === 'ana').id;
  await attempt('views that need no trigger', async () => {
    await refused('invalid_trigger_id', () => web.views.open({ trigger_id: '1.2.3', view: modal('x') }));
    const home = await web.views.publish({ user_id: ana, view: { type: 'home', blocks: [{ type: 'divider' }] } });
    assert.equal(home.view.type, 'home');
    assert.deepEqual(home.view.state, { values: {} });
    assert.equal(home.view.root_view_id, home.view.id);
    await refused('hash_conflict', () => web.views.publish({ user_id: ana, hash: 'old', view: { type: 'home', blocks: [] } }));
    await refused('not_found', () => web.views.update({ view_id: 'V404', view: modal('x') }));
    const data = await refused('invalid_arguments', () => web.views.open({ trigger_id: '1.2.3', view: modal('x', { title: plain('far too long for the title of a form') }) }));
    assert.match(data.response_metadata.messages[0], /\[json-pointer:\/view\/title\/text\]/);
    await refused('invalid_arguments', () => web.views.open({ trigger_id: '1.2.3', view: modal('x', { submit: undefined }) }));
  });
}

async function limits(web) {
  const { channels: all } = await web.conversations.list();
  const channel = all.find((c) => c.name === 'team').id;
  await attempt('a client that waits', async () => {
    await people('fault', { service: 'slack', call: 'chat.postMessage', status: 429, retry_after: 1, times: 1 });
    const waits = [];
    const client = slackClient();
    client.on('rate_limited', (seconds) => waits.push(seconds));
    await client.chat.postMessage({ channel, text: 'after the pause' });
    assert.deepEqual(waits, [1]);
  });
  await attempt('a client that does not', async () => {
    await people('fault', { service: 'slack', call: 'chat.postMessage', status: 429, retry_after: 2, times: 1 });
    await assert.rejects(slackClient({ rejectRateLimitedCalls: true }).chat.postMessage({ channel, text: 'x' }),
      (error) => error.code === 'slack_webapi_rate_limited_error' && error.retryAfter === 2);
  });
  await attempt('the published limits', async () => {
    await people('limits', { on: true });
    try {
      const client = slackClient({ rejectRateLimitedCalls: true });
      await assert.rejects(async () => { for (let i = 0; i < 30; i += 1) await client.pins.list({ channel }); },
        (error) => error.code === 'slack_webapi_rate_limited_error' && error.retryAfter > 0 && error.retryAfter <= 60);
    } finally {
      await people('limits', { on: false });
    }
  });
  await attempt('errors that pass', async () => {
    await people('fault', { service: 'slack', call: 'auth.test', status: 503, times: 2 });
    assert.equal((await slackClient().auth.test()).ok, true);
    await people('fault', { service: 'slack', call: 'auth.test', cut: true, times: 1 });
    assert.equal((await slackClient().auth.test()).ok, true);
  });
}

export async function slackWeb() {
  const web = slackClient();
  await identity(web);
  await channels(web);
  await messages(web);
  await views(web);
  await limits(web);
}
