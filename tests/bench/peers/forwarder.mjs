// A peer of the bench: what a short Node program does with SNS. It checks each message with npm's sns-validator and
// answers 200. It stores nothing: what dies with it is lost.
// Usage: node forwarder.mjs CERTIFICATE-HOST-PORT CA-FILE      prints {"port": N}
import { readFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import MessageValidator from 'sns-validator';

const [certificatePort, caFile] = process.argv.slice(2);
const ca = readFileSync(caFile);
const get = https.get;
// The certificate comes by https from the name in the message, as always; only address and authority are the bench's.
https.get = (url, ...rest) => {
	const { hostname, pathname } = new URL(url);
	return get({ host: '127.0.0.1', port: certificatePort, servername: hostname, ca, path: pathname,
		headers: { Host: hostname } }, ...rest);
};

const validator = new MessageValidator();
let forwarded = 0;
const server = http.createServer((request, response) => {
	const parts = [];
	request.on('data', (part) => parts.push(part));
	request.on('end', () => {
		validator.validate(Buffer.concat(parts).toString(), (error, message) => {
			if (error) {
				response.writeHead(403).end(error.message);
				return;
			}
			const alarm = JSON.parse(message.Message);
			forwarded += alarm.AlarmName ? 1 : 0;
			response.writeHead(200, { 'Content-Length': 0 }).end();
		});
	});
});
server.listen(0, '127.0.0.1', () => console.log(JSON.stringify({ port: server.address().port })));
