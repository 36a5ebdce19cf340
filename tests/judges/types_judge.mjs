// The types of @slack/web-api and @slack/types as a judge of what the bot sends.
// Usage: node types_judge.mjs REQUESTS.jsonl [DIRECTORY]
// Each line: {"method": "chat.postMessage", "args": {...}}. Writes a TypeScript file with one typed
// assignment a request (and one a `blocks`), runs tsc on it, prints its errors, exits 1 on any.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const tests = dirname(dirname(fileURLToPath(import.meta.url)));
const TYPES = {
	'api.test': null,
	'auth.test': 'AuthTestArguments',
	'apps.connections.open': 'AppsConnectionsOpenArguments',
	'chat.postMessage': 'ChatPostMessageArguments',
	'chat.update': 'ChatUpdateArguments',
	'chat.startStream': 'ChatStartStreamArguments',
	'chat.appendStream': 'ChatAppendStreamArguments',
	'chat.stopStream': 'ChatStopStreamArguments',
	'chat.postEphemeral': 'ChatPostEphemeralArguments',
	'chat.delete': 'ChatDeleteArguments',
	'chat.getPermalink': 'ChatGetPermalinkArguments',
	'conversations.history': 'ConversationsHistoryArguments',
	'conversations.replies': 'ConversationsRepliesArguments',
	'conversations.info': 'ConversationsInfoArguments',
	'conversations.list': 'ConversationsListArguments',
	'conversations.join': 'ConversationsJoinArguments',
	'conversations.members': 'ConversationsMembersArguments',
	'conversations.open': 'ConversationsOpenArguments',
	'users.info': 'UsersInfoArguments',
	'usergroups.list': 'UsergroupsListArguments',
	'usergroups.users.list': 'UsergroupsUsersListArguments',
	'reactions.add': 'ReactionsAddArguments',
	'reactions.remove': 'ReactionsRemoveArguments',
	'views.open': 'ViewsOpenArguments',
	'views.update': 'ViewsUpdateArguments',
	'views.publish': 'ViewsPublishArguments',
	'views.push': 'ViewsPushArguments',
	'files.getUploadURLExternal': 'FilesGetUploadURLExternalArguments',
	'files.info': 'FilesInfoArguments',
	'files.completeUploadExternal': 'FilesCompleteUploadExternalArguments',
	upload: null, // bytes
	'assistant.threads.setStatus': 'AssistantThreadsSetStatusArguments',
};
const BOOLEANS = new Set([
	'unfurl_links',
	'unfurl_media',
	'reply_broadcast',
	'mrkdwn',
	'link_names',
	'inclusive',
	'include_all_metadata',
	'exclude_archived',
	'include_users',
	'include_disabled',
	'include_locale',
	'return_im',
]);
const NUMBERS = new Set(['limit', 'length']);

// What Slack's documentation and server name one way, and its types another.
const RENAMED = { 'files.getUploadURLExternal': { alt_txt: 'alt_text' } };

// A form carries words only: give booleans and numbers their type back before they are judged.
function typed(method, args) {
	const out = {};
	for (const [sent, value] of Object.entries(args)) {
		const name = RENAMED[method]?.[sent] ?? sent;
		if (BOOLEANS.has(name) && typeof value === 'string')
			out[name] = value === 'true' || value === '1';
		else if (NUMBERS.has(name) && typeof value === 'string' && /^\d+$/.test(value))
			out[name] = Number(value);
		else out[name] = value;
	}
	return out;
}

const names = new Set();
const lines = [];
const origin = [];
const problems = [];
readFileSync(process.argv[2], 'utf8')
	.split('\n')
	.forEach((line, index) => {
		if (line.trim() === '') return;
		const { method, args } = JSON.parse(line);
		const type = TYPES[method];
		if (type === undefined) {
			problems.push(`line ${index + 1}: no type is known for ${method}`);
			return;
		}
		if (type) {
			names.add(type);
			lines.push(`export const r${index}: ${type} = ${JSON.stringify(typed(method, args))};`);
			origin.push(index + 1);
		}
		const blocks = args.blocks ?? args.view?.blocks;
		if (blocks) {
			lines.push(`export const b${index}: KnownBlock[] = ${JSON.stringify(blocks)};`);
			origin.push(index + 1);
		}
	});

const directory = process.argv[3] ?? mkdtempSync(join(tests, 'node_modules', '.types-judge-'));
const source = join(directory, 'requests.ts');
const head = [
	`import type { KnownBlock } from '@slack/types';`,
	`import type { ${['WebClientOptions', ...names].join(', ')} } from '@slack/web-api';`,
];
writeFileSync(
	source,
	[...head, ...lines, 'export type Unused = WebClientOptions | KnownBlock;', ''].join('\n'),
);
try {
	execFileSync(
		process.execPath,
		[
			join(tests, 'node_modules', 'typescript', 'bin', 'tsc'),
			'--noEmit',
			'--strict',
			'--skipLibCheck',
			'--target',
			'es2022',
			'--module',
			'nodenext',
			'--moduleResolution',
			'nodenext',
			'--types',
			'node',
			'--pretty',
			'false',
			source,
		],
		{ cwd: tests, stdio: 'pipe' },
	);
} catch (error) {
	for (const text of String(error.stdout)
		.split('\n')
		.filter((t) => t !== '')) {
		const place = /requests\.ts\((\d+),\d+\): (.*)/.exec(text);
		problems.push(
			place ? `line ${origin[place[1] - 1 - head.length] ?? '?'}: ${place[2]}` : text,
		);
	}
} finally {
	if (!process.argv[3]) rmSync(directory, { recursive: true });
}
problems.forEach((problem) => console.error(problem));
console.log(`${lines.length} assignments judged, ${problems.length} problems`);
process.exit(problems.length ? 1 : 0);
