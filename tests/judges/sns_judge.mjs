// npm's sns-validator (AWS's own JavaScript validator) as a judge of the sandbox's signatures.
// Usage: node sns_judge.mjs PATH-TO-sandbox.json BODIES.jsonl
// Each line of BODIES: {"body": "text as posted", "valid": true|false}. The certificate is fetched
// by https from sns.REGION.amazonaws.com as always; only address and authority are the sandbox's.
import { readFileSync } from 'node:fs';
import https from 'node:https';
import MessageValidator from 'sns-validator';

const ready = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const ca = readFileSync(ready.ca_file);
const original = https.get;
let fetches = 0;
https.get = (url, ...rest) => {
	const parsed = new URL(url);
	fetches += 1;
	return original(
		{
			host: '127.0.0.1',
			port: ready.sns_host_port,
			servername: parsed.hostname,
			ca,
			agent: false,
			path: parsed.pathname + parsed.search,
			headers: { Host: parsed.hostname },
		},
		...rest,
	);
};

const validator = new MessageValidator();
const judge = (text) =>
	new Promise((done) => {
		validator.validate(text, (error) => done(error ? error.message : null));
	});

let wrong = 0,
	count = 0;
for (const line of readFileSync(process.argv[3], 'utf8').trim().split('\n')) {
	const { body, valid, name } = JSON.parse(line);
	const error = await judge(body);
	count += 1;
	if ((error === null) !== valid) {
		wrong += 1;
		console.error(
			`${name}: expected ${valid ? 'valid' : 'invalid'}, the validator says: ${error ?? 'valid'}`,
		);
	}
}
if (fetches === 0) {
	wrong += 1;
	console.error('no certificate was fetched');
}
console.log(`${count} messages judged, ${wrong} wrong, ${fetches} certificate fetches`);
process.exit(wrong ? 1 : 0);
