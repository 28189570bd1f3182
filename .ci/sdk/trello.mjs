// trello.js against the local Trello. Its answers are checked against schemas made from the real service, strictly, so
// whatever is of another type or is no field of Trello's fails here; that nothing is missing is said below.
import http from 'node:http';
import { createTrelloClient } from 'trello.js';
import { assert, attempt, need, until } from './try.mjs';

const failing = (status) => (error) => error.message.startsWith(`Request failed: ${status}`);

// has checks that an answer holds the fields, so that a client may rely on them.
function has(object, fields) {
  const missing = fields.split(' ').filter((field) => object[field] === undefined);
  assert.deepEqual(missing, [], 'missing fields');
}

function client(token = need('TRELLO_TOKEN')) {
  return createTrelloClient({ apiKey: need('TRELLO_KEY'), apiToken: token, host: need('TRELLO_API_URL') });
}

async function boards(api, board) {
  await attempt('trello: boards', async () => {
    const got = await api.boards.getBoard({ id: board });
    has(got, 'id name desc closed idOrganization pinned url shortUrl prefs labelNames limits memberships shortLink dateLastActivity');
    const { id, ...rest } = await raw(`/boards/${board}?fields=name&lists=open&members=all`);
    assert.equal(id, got.id);
    assert.deepEqual(Object.keys(rest).sort(), ['lists', 'members', 'name']);
    const lists = await api.boards.getBoardLists({ id: board, filter: 'open' });
    assert.ok(lists.length >= 4);
    has(lists[0], 'id name closed pos idBoard subscribed');
    const members = await api.boards.getBoardMembers({ id: board });
    has(members[0], 'id username fullName initials avatarUrl memberType');
    assert.ok(Array.isArray(await api.boards.getBoardLabels({ id: board })));
    await api.boards.getBoardMemberships({ id: board });
    await api.boards.getBoardActions({ boardId: board });
    const made = await api.boards.createBoard({ name: 'Another', defaultLists: true });
    assert.equal((await api.boards.getBoardLists({ id: made.id })).length, 3);
    assert.equal((await api.boards.updateBoard({ id: made.id, desc: 'words' })).desc, 'words');
    await api.boards.deleteBoard({ id: made.id });
    await assert.rejects(api.boards.getBoard({ id: made.id }), failing(404));
    await assert.rejects(api.boards.getBoard({ id: 'no-id' }), failing(400));
    await assert.rejects(client('other').boards.getBoard({ id: board }), failing(401));
  });
  await attempt('trello: members and tokens', async () => {
    const me = await api.members.getMember({ id: 'me' });
    has(me, 'id username fullName initials url idBoards idOrganizations confirmed');
    assert.ok((await api.members.getMemberBoards({ id: 'me' })).some((b) => b.id === board || b.shortLink === board));
    assert.equal((await api.tokens.getToken({ token: need('TRELLO_TOKEN') })).idMember, me.id);
    assert.equal((await api.search.searchMembers({ query: 'ana' }))[0].username, 'ana');
  });
}

// raw asks for what the client's schemas do not know: parts nested in an answer.
async function raw(path) {
  const headers = { Authorization: `OAuth oauth_consumer_key="${need('TRELLO_KEY')}", oauth_token="${need('TRELLO_TOKEN')}"` };
  return (await fetch(need('TRELLO_API_URL') + path, { headers })).json();
}

async function cards(api, board) {
  const { id: idBoard } = await api.boards.getBoard({ id: board });
  const list = await api.lists.createList({ name: 'Tried', idBoard, pos: 'bottom' });
  await attempt('trello: a card from beginning to end', async () => {
    const due = '2026-12-01T12:00:00.000Z';
    const made = await api.cards.createCard({ idList: list.id, name: 'Improve alerting', desc: 'x\nwatchbell:key', due, pos: 'top' });
    has(made, 'id badges checkItemStates closed dateLastActivity desc descData due dueComplete dueReminder email idBoard idChecklists '
      + 'idLabels idList idMembers idMembersVoted idShort idAttachmentCover labels limits manualCoverAttachment name pos shortLink '
      + 'shortUrl subscribed url cover isTemplate cardRole start attachments stickers');
    assert.equal(made.due.toISOString(), due);
    assert.equal(made.badges.description, true);
    const [member] = await api.boards.getBoardMembers({ id: board });
    assert.equal((await api.cards.addCardMember({ id: made.id, value: member.id }))[0].id, member.id);
    const label = await api.labels.createLabel({ idBoard, name: 'inc-1', color: 'red_dark' });
    has(label, 'id idBoard name color');
    assert.deepEqual(await api.cards.addCardLabel({ id: made.id, value: label.id }), [label.id]);
    await api.cards.createCardLabel({ id: made.id, name: 'second', color: 'sky' });
    assert.equal((await api.labels.updateLabel({ id: label.id, name: 'inc-2' })).name, 'inc-2');
    const done = (await api.boards.getBoardLists({ id: board })).find((l) => l.name === 'Done');
    const moved = await api.cards.updateCard({ id: made.id, idList: done.id, dueComplete: true, pos: 'bottom' });
    assert.deepEqual([moved.idList, moved.dueComplete, moved.labels.length], [done.id, true, 2]);
    assert.equal((await api.cards.getCardList({ id: made.id })).id, done.id);
    assert.equal((await api.cards.getCardBoard({ id: made.id })).id, idBoard);
    const whole = await raw(`/cards/${made.shortLink}?fields=name&members=true&checklists=all&attachments=true`);
    assert.deepEqual(Object.keys(whole).sort(), ['attachments', 'checklists', 'id', 'members', 'name']);
    assert.deepEqual([whole.id, whole.members.length], [made.id, 1]);
    assert.equal((await api.cards.updateCard({ id: made.id, closed: true })).closed, true);
    assert.ok(!(await api.boards.getBoardCards({ id: board })).some((c) => c.id === made.id));
    assert.ok((await api.boards.getBoardCardsByFilter({ id: board, filter: 'closed' })).some((c) => c.id === made.id));
    await api.cards.removeCardLabel({ id: made.id, idLabel: label.id });
    await api.cards.removeCardMember({ id: made.id, idMember: member.id });
    await api.labels.deleteLabel({ id: label.id });
    await api.cards.deleteCard({ id: made.id });
    await assert.rejects(api.cards.getCard({ id: made.id }), failing(404));
    await assert.rejects(api.cards.createCard({ idList: 'nowhere', name: 'x' }), failing(400));
  });
  await attempt('trello: comments, attachments, checklists', async () => {
    const card = await api.cards.createCard({ idList: list.id, name: 'With parts' });
    const comment = await api.cards.createCardComment({ id: card.id, text: 'seen' });
    has(comment, 'id idMemberCreator data type date memberCreator');
    assert.deepEqual([comment.type, comment.data.text, comment.data.card.id], ['commentCard', 'seen', card.id]);
    assert.equal((await api.cards.updateCardComment({ id: card.id, idAction: comment.id, text: 'seen twice' })).data.text, 'seen twice');
    assert.equal((await api.cards.getCardActions({ id: card.id }))[0].id, comment.id);
    await api.cards.deleteCardComment({ id: card.id, idAction: comment.id });
    const link = await api.cards.createCardAttachment({ id: card.id, url: 'https://example.com/pull/1', name: 'Post' });
    has(link, 'id date idMember isUpload mimeType name previews url pos');
    assert.equal((await api.cards.getCardAttachment({ id: card.id, idAttachment: link.id })).url, 'https://example.com/pull/1');
    assert.equal((await api.cards.getCardAttachments({ id: card.id })).length, 1);
    await api.cards.deleteCardAttachment({ id: card.id, idAttachment: link.id });
    const checklist = await api.checklists.createChecklist({ idCard: card.id, name: 'Steps' });
    has(checklist, 'id name idBoard idCard pos checkItems');
    const item = await api.checklists.createChecklistItem({ id: checklist.id, name: 'first', pos: 'bottom' });
    has(item, 'id name state idChecklist pos');
    await api.cards.updateCardCheckItem({ id: card.id, idCheckItem: item.id, state: 'complete' });
    assert.equal((await api.cards.getCardChecklists({ id: card.id }))[0].checkItems[0].state, 'complete');
    const badges = (await api.cards.getCard({ id: card.id })).badges;
    assert.deepEqual([badges.checkItems, badges.checkItemsChecked], [1, 1]);
    await api.checklists.deleteChecklistItem({ id: checklist.id, idCheckItem: item.id });
    await api.checklists.deleteChecklist({ id: checklist.id });
    await api.lists.archiveAllListCards({ id: list.id });
    assert.equal((await api.lists.archiveList({ id: list.id, value: 'true' })).closed, true);
    assert.equal((await api.lists.updateList({ id: list.id, closed: false, name: 'Tried again' })).name, 'Tried again');
    assert.equal((await api.lists.getList({ id: list.id })).closed, false);
  });
  await attempt('trello: search', async () => {
    const found = await api.search.search({ query: 'Practice', modelTypes: 'boards,cards' });
    assert.ok(found.boards.some((b) => b.id === idBoard));
    assert.deepEqual([found.cards, found.options.modelTypes], [[], ['boards', 'cards']]);
  });
}

async function hooks(api, board) {
  await attempt('trello: webhooks', async () => {
    const { id: idModel } = await api.boards.getBoard({ id: board });
    const calls = [];
    const server = http.createServer((request, response) => {
      let body = '';
      request.on('data', (part) => { body += part; });
      request.on('end', () => { calls.push({ method: request.method, sign: request.headers['x-trello-webhook'], body }); response.end(); });
    });
    await new Promise((resolve) => { server.listen(0, '127.0.0.1', resolve); });
    const callbackURL = `http://127.0.0.1:${server.address().port}/trello`;
    const hook = await api.webhooks.createWebhook({ idModel, callbackURL, description: 'a try' });
    has(hook, 'id description idModel callbackURL active consecutiveFailures firstConsecutiveFailDate');
    assert.equal(calls[0].method, 'HEAD');
    assert.equal((await api.tokens.getTokenWebhooks({ token: need('TRELLO_TOKEN') })).length, 1);
    const lists = await api.boards.getBoardLists({ id: board });
    const card = await api.cards.createCard({ idList: lists[0].id, name: 'watched' });
    const told = await until('the webhook call', () => calls.find((c) => c.method === 'POST'));
    const { createHmac } = await import('node:crypto');
    assert.equal(told.sign, createHmac('sha1', need('TRELLO_SECRET')).update(told.body + callbackURL).digest('base64'));
    const sent = JSON.parse(told.body);
    assert.deepEqual([sent.action.type, sent.action.data.card.id, sent.model.id, sent.webhook.id], ['createCard', card.id, idModel, hook.id]);
    await api.webhooks.updateWebhook({ id: hook.id, active: false });
    assert.equal((await api.webhooks.getWebhook({ id: hook.id })).active, false);
    await api.webhooks.deleteWebhook({ id: hook.id });
    server.close();
  });
}

export async function trello() {
  const board = need('TRELLO_BOARD');
  const api = client();
  await boards(api, board);
  await cards(api, board);
  await hooks(api, board);
}
