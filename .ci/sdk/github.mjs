// @octokit/rest against the local GitHub: the git data calls, pull requests, comments, labels, contents, pages.
import { Octokit } from '@octokit/rest';
import { assert, attempt, need } from './try.mjs';

const quiet = { debug() {}, info() {}, warn() {}, error() {} };

export async function github() {
  const [owner, repo] = need('GITHUB_REPO').split('/');
  const at = { owner, repo };
  const octokit = new Octokit({ auth: need('GITHUB_TOKEN'), baseUrl: need('GITHUB_API_URL').replace(/\/$/, ''), log: quiet });
  const { rest } = octokit;
  const failing = (status, words) => (error) => error.status === status && (!words || error.message.includes(words));

  await attempt('github: repository, user, limits', async () => {
    const { data, headers } = await rest.repos.get(at);
    assert.equal(data.full_name, need('GITHUB_REPO'));
    assert.equal(data.owner.login, owner);
    assert.deepEqual([data.permissions.push, data.private, data.archived], [true, false, false]);
    for (const key of ['created_at', 'pushed_at', 'updated_at', 'git_url', 'ssh_url', 'topics', 'open_issues_count', 'has_issues']) {
      assert.notEqual(data[key], undefined, key);
    }
    assert.ok(Number(headers['x-ratelimit-remaining']) > 0);
    assert.ok(headers['x-github-request-id']);
    assert.equal(headers['x-github-media-type'], 'github.v3; format=json');
    const me = await rest.users.getAuthenticated();
    assert.ok(me.data.avatar_url && me.data.url);
    assert.ok((await rest.rateLimit.get()).data.resources.core.limit > 0);
    assert.equal((await rest.users.getByUsername({ username: me.data.login })).data.login, me.data.login);
    await assert.rejects(rest.repos.get({ owner, repo: 'nothing' }), failing(404, 'Not Found'));
    await assert.rejects(new Octokit({ auth: 'other', baseUrl: octokit.request.endpoint.DEFAULTS.baseUrl, log: quiet }).rest.repos.get(at),
      failing(401, 'Bad credentials'));
    assert.equal((await rest.repos.getCollaboratorPermissionLevel({ ...at, username: me.data.login })).data.permission, 'write');
  });

  const { data: { default_branch: base } } = await rest.repos.get(at);
  const branch = 'post-mortem/inc-7';
  let head;
  await attempt('github: one commit through the git data calls', async () => {
    const { data: ref } = await rest.git.getRef({ ...at, ref: `heads/${base}` });
    assert.equal(ref.object.type, 'commit');
    const { data: parent } = await rest.git.getCommit({ ...at, commit_sha: ref.object.sha });
    const { data: blob } = await rest.git.createBlob({ ...at, content: Buffer.from('# Täst\n').toString('base64'), encoding: 'base64' });
    const { data: tree } = await rest.git.createTree({ ...at, base_tree: parent.tree.sha, tree: [
      { path: '_posts/2026-11-07-test.md', mode: '100644', type: 'blob', sha: blob.sha },
      { path: 'notes.md', mode: '100644', type: 'blob', content: 'words\n' },
    ] });
    assert.ok(tree.tree.some((e) => e.path === 'notes.md' && e.type === 'blob' && e.size === 6));
    const { data: commit } = await rest.git.createCommit({ ...at, message: 'Add a post', tree: tree.sha, parents: [ref.object.sha] });
    assert.equal(commit.verification.verified, false);
    assert.equal(commit.verification.verified_at, null);
    const { data: made } = await rest.git.createRef({ ...at, ref: `refs/heads/${branch}`, sha: commit.sha });
    assert.equal(made.object.sha, commit.sha);
    head = commit.sha;
    assert.equal(Buffer.from((await rest.git.getBlob({ ...at, file_sha: blob.sha })).data.content, 'base64').toString(), '# Täst\n');
    await assert.rejects(rest.git.createRef({ ...at, ref: `refs/heads/${branch}`, sha: commit.sha }), failing(422, 'Reference already exists'));
    await assert.rejects(rest.git.getRef({ ...at, ref: 'heads/nowhere' }), failing(404));
    await assert.rejects(rest.git.updateRef({ ...at, ref: `heads/${branch}`, sha: ref.object.sha }), failing(422, 'not a fast forward'));
    assert.equal((await rest.git.listMatchingRefs({ ...at, ref: 'heads/post-mortem' })).data.length, 1);
    assert.equal((await rest.git.getTree({ ...at, tree_sha: commit.sha, recursive: 'true' })).data.truncated, false);
    assert.equal((await rest.repos.getBranch({ ...at, branch })).data.commit.sha, head);
    assert.equal((await rest.repos.getCommit({ ...at, ref: branch })).data.files.length, 2);
    assert.equal((await rest.repos.listCommits({ ...at, sha: branch, per_page: 1 })).data[0].sha, head);
    const compared = (await rest.repos.compareCommitsWithBasehead({ ...at, basehead: `${base}...${branch}` })).data;
    assert.deepEqual([compared.status, compared.ahead_by, compared.behind_by], ['ahead', 1, 0]);
  });

  await attempt('github: contents', async () => {
    const { data: file } = await rest.repos.getContent({ ...at, path: '_posts/2026-11-07-test.md', ref: branch });
    assert.equal(Buffer.from(file.content, 'base64').toString(), '# Täst\n');
    assert.deepEqual(Object.keys(file._links).sort(), ['git', 'html', 'self']);
    assert.equal((await rest.repos.getContent({ ...at, path: 'notes.md', ref: branch, mediaType: { format: 'raw' } })).data, 'words\n');
    assert.ok(Array.isArray((await rest.repos.getContent({ ...at, path: '', ref: branch })).data));
    const put = (more) => rest.repos.createOrUpdateFileContents({ ...at, path: 'more.md', branch, message: 'more', content: 'bW9yZQ==', ...more });
    const { data: made, status } = await put();
    assert.equal(status, 201);
    await assert.rejects(put(), failing(422, "\"sha\" wasn't supplied"));
    await assert.rejects(put({ sha: head }), failing(409));
    await rest.repos.deleteFile({ ...at, path: 'more.md', branch, message: 'less', sha: made.content.sha });
    await assert.rejects(rest.repos.getContent({ ...at, path: 'more.md', ref: branch }), failing(404));
  });

  let number;
  await attempt('github: a pull request from beginning to end', async () => {
    const { data: made } = await rest.pulls.create({ ...at, head: branch, base, title: 'Post-mortem of #7', body: 'Missing: impact', draft: true });
    ({ number } = made);
    assert.deepEqual([made.state, made.draft, made.merged, made.head.ref, made.base.ref], ['open', true, false, branch, base]);
    for (const key of ['additions', 'deletions', 'changed_files', 'commits', 'review_comments', 'author_association', 'node_id', 'patch_url',
      'commits_url', 'comments_url', 'assignee', 'milestone', 'auto_merge', 'active_lock_reason', '_links', 'rebaseable']) {
      assert.notEqual(made[key], undefined, key);
    }
    const listed = await rest.pulls.list({ ...at, head: `${owner}:${branch}`, state: 'all' });
    assert.deepEqual(listed.data.map((p) => p.number), [number]);
    await assert.rejects(rest.pulls.create({ ...at, head: branch, base, title: 'again' }), (error) => error.status === 422
      && error.response.data.errors[0].message.startsWith('A pull request already exists'));
    assert.equal((await rest.pulls.update({ ...at, pull_number: number, title: 'Post-mortem', body: 'Whole' })).data.title, 'Post-mortem');
    assert.equal((await rest.pulls.listFiles({ ...at, pull_number: number })).data.length, 2);
    assert.ok((await rest.pulls.listCommits({ ...at, pull_number: number })).data.length >= 1);
    await rest.pulls.requestReviewers({ ...at, pull_number: number, reviewers: ['ana'] });
    const { data: comment } = await rest.issues.createComment({ ...at, issue_number: number, body: 'Please read' });
    assert.equal(comment.author_association, 'COLLABORATOR');
    await rest.issues.updateComment({ ...at, comment_id: comment.id, body: 'Please read it' });
    assert.equal((await rest.issues.getComment({ ...at, comment_id: comment.id })).data.body, 'Please read it');
    assert.equal((await rest.issues.listComments({ ...at, issue_number: number })).data[0].body, 'Please read it');
    await rest.issues.deleteComment({ ...at, comment_id: comment.id });
    const { data: labels } = await rest.issues.addLabels({ ...at, issue_number: number, labels: ['post-mortem', 'sev1'] });
    assert.ok(labels[0].id && labels[0].url && labels[0].description !== undefined);
    assert.deepEqual((await rest.issues.setLabels({ ...at, issue_number: number, labels: ['sev1'] })).data.map((l) => l.name), ['sev1']);
    await rest.issues.removeLabel({ ...at, issue_number: number, name: 'sev1' });
    assert.equal((await rest.issues.get({ ...at, issue_number: number })).data.pull_request.url, made.url);
    assert.match((await rest.pulls.get({ ...at, pull_number: number, mediaType: { format: 'diff' } })).data, /^diff --git /);
    await assert.rejects(rest.pulls.merge({ ...at, pull_number: number }), failing(405));
    await assert.rejects(rest.pulls.create({ ...at, head: 'nowhere', base, title: 'x' }), failing(422, 'Validation Failed'));
    await assert.rejects(rest.pulls.get({ ...at, pull_number: 999 }), failing(404));
    assert.equal((await rest.pulls.update({ ...at, pull_number: number, state: 'closed' })).data.state, 'closed');
  });

  await attempt('github: pages of a list', async () => {
    for (let i = 0; i < 5; i += 1) await rest.issues.createComment({ ...at, issue_number: number, body: `comment ${i}` });
    const all = await octokit.paginate(rest.issues.listComments, { ...at, issue_number: number, per_page: 2 });
    assert.deepEqual(all.map((c) => c.body), [0, 1, 2, 3, 4].map((i) => `comment ${i}`));
  });

  await attempt('github: the end of a branch', async () => {
    await rest.git.deleteRef({ ...at, ref: `heads/${branch}` });
    await assert.rejects(rest.repos.getBranch({ ...at, branch }), failing(404));
    await assert.rejects(rest.git.deleteRef({ ...at, ref: `heads/${branch}` }), failing(422));
  });
}
