/* What is said about a wrong configuration, to the letter: the other sections. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/support/config_cases.h"

#define CHECK(cases) config_cases_check(cases, sizeof(cases) / sizeof((cases)[0]))

/* Environment, addresses, proxies, files, words. */
static const struct config_case other_sections_in_use_cases[] = {
	{ GOOD "state: {path: '${NO_SUCH_NAME}'}\n",
	  "3: state.path: environment variable NO_SUCH_NAME is not set; set it (a plain ${ is "
	  "written $${)\n" },
	{ GOOD "state: {path: '${EMPTY}'}\n",
	  "3: state.path: is empty; give it a value, or remove it\n" },
	{ GOOD "http: {listen: '${SECRET_IN_ENV}'}\n",
	  "3: http.listen: the value is not ADDRESS:PORT; write 127.0.0.1:8080 or [::1]:8080, "
	  "or 0.0.0.0:8080 for every address of this machine\n" },
	{ GOOD "slack2: '${SECRET_IN_ENV}'\n",
	  "3: slack2: unknown key; did you mean slack?\n" },
	{ GOOD "network: {proxy: '${NOT_UTF8}'}\n",
	  "3: network.proxy: environment variable NOT_UTF8 is not UTF-8; correct it\n" },
	{ GOOD "state: {path: [xoxb-1-hunter2]}\n"
	  "log: {level: xoxb-1-hunter2}\n",
	  "3: state.path: must be one value (path), not a list; write just the value\n"
	  "4: log.level: the value is not one of the known words; use one of: debug, info, "
	  "warn, error\n" },
	{ GOOD "http: {listen: 8080}\n",
	  "3: http.listen: \"8080\" is not ADDRESS:PORT; write 127.0.0.1:8080 or [::1]:8080, "
	  "or 0.0.0.0:8080 for every address of this machine\n" },
	{ GOOD "http: {listen: ':8080'}\n",
	  "3: http.listen: \":8080\" is not ADDRESS:PORT; write 127.0.0.1:8080 or [::1]:8080, "
	  "or 0.0.0.0:8080 for every address of this machine\n" },
	{ GOOD "http: {listen: 'localhost:8080'}\n",
	  "3: http.listen: \"localhost:8080\" is not ADDRESS:PORT; write 127.0.0.1:8080 or "
	  "[::1]:8080, or 0.0.0.0:8080 for every address of this machine\n" },
	{ GOOD "http: {listen: '127.0.0.1'}\n",
	  "3: http.listen: \"127.0.0.1\" is not ADDRESS:PORT; write 127.0.0.1:8080 or "
	  "[::1]:8080, or 0.0.0.0:8080 for every address of this machine\n" },
	{ GOOD "http: {listen: '127.0.0.1:65536'}\n",
	  "3: http.listen: \"127.0.0.1:65536\" is not ADDRESS:PORT; write 127.0.0.1:8080 or "
	  "[::1]:8080, or 0.0.0.0:8080 for every address of this machine\n" },
	{ GOOD "http: {listen: '::1:8080'}\n",
	  "3: http.listen: \"::1:8080\" is not ADDRESS:PORT; write 127.0.0.1:8080 or "
	  "[::1]:8080, or 0.0.0.0:8080 for every address of this machine\n" },
	{ GOOD "http: {listen: '[127.0.0.1]:80'}\n",
	  "3: http.listen: \"[127.0.0.1]:80\" is not ADDRESS:PORT; write 127.0.0.1:8080 or "
	  "[::1]:8080, or 0.0.0.0:8080 for every address of this machine\n" },
	{ GOOD "http: {listen: '127.0.0.1:80 '}\n",
	  "3: http.listen: \"127.0.0.1:80 \" is not ADDRESS:PORT; write 127.0.0.1:8080 or "
	  "[::1]:8080, or 0.0.0.0:8080 for every address of this machine\n" },
	{ GOOD "network: {proxy: 'https://p:1'}\n",
	  "3: network.proxy: \"https://p:1\" is not an HTTP proxy; write http://HOST:PORT "
	  "(what goes through it is encrypted all the same)\n" },
	{ GOOD "network: {proxy: 'http://p'}\n",
	  "3: network.proxy: \"http://p\" has no port; write http://HOST:PORT\n" },
	{ GOOD "network: {proxy: 'http://p:1/x'}\n",
	  "3: network.proxy: \"http://p:1/x\" has a path; write http://HOST:PORT\n" },
	{ GOOD "network: {proxy: 'p:3128'}\n",
	  "3: network.proxy: \"p:3128\" is not a URL; begin it with https:// (or http://)\n" },
	{ GOOD "network: {proxy: 'http://u:hunter2@p:1'}\n",
	  "3: network.proxy: the value holds a user or password; leave them out of the URL\n" },
	{ GOOD "network: {connect_to: ['a:1:b']}\n",
	  "3: network.connect_to[0]: \"a:1:b\" is not HOST:PORT:CONNECT-HOST:CONNECT-PORT; "
	  "write one like slack.com:443:127.0.0.1:8443 (IPv6 addresses in brackets)\n" },
	{ GOOD "network: {connect_to: ['a:x:b:2']}\n",
	  "3: network.connect_to[0]: \"a:x:b:2\" is not HOST:PORT:CONNECT-HOST:CONNECT-PORT; "
	  "write one like slack.com:443:127.0.0.1:8443 (IPv6 addresses in brackets)\n" },
	{ GOOD "network: {connect_to: ['a:1::']}\n",
	  "3: network.connect_to[0]: \"a:1::\" is not HOST:PORT:CONNECT-HOST:CONNECT-PORT; "
	  "write one like slack.com:443:127.0.0.1:8443 (IPv6 addresses in brackets)\n" },
	{ GOOD "network: {connect_to: ['a:1:[zz]:2']}\n",
	  "3: network.connect_to[0]: \"a:1:[zz]:2\" is not "
	  "HOST:PORT:CONNECT-HOST:CONNECT-PORT; write one like slack.com:443:127.0.0.1:8443 "
	  "(IPv6 addresses in brackets)\n" },
	{ GOOD "network: {connect_to: 'a:1:b:2'}\n",
	  "3: network.connect_to: must be a list, not one value; write each entry on a line "
	  "below, as \"- ENTRY\"\n" },
	{ GOOD "network: {ca_file: absent.pem}\n",
	  "3: network.ca_file: file DIR/absent.pem is missing or cannot be read; correct the "
	  "path or the file's rights\n" },
	{ GOOD "network: {ca_file: .}\n",
	  "3: network.ca_file: file DIR/. is missing or cannot be read; correct the path or "
	  "the file's rights\n" },
	{ GOOD "incidents: {reopen_within: 8d}\n",
	  "3: incidents.reopen_within: \"8d\" is out of range; use 0s to 7d\n" },
	{ GOOD "log: {level: verbose}\n",
	  "3: log.level: \"verbose\" is not one of the known words; use one of: debug, info, "
	  "warn, error\n" },
	{ GOOD "state: {path: \"a\\nb\"}\n",
	  "3: state.path: \"a?b\" holds a line break or another control character; write it on "
	  "one line\n" },
};

/* Tickets, mail, the model, routes, runbooks, roles. */
static const struct config_case sections_of_systems_cases[] = {
	{ GOOD "jira: {}\n",
	  "3: jira.url: is required and missing; add the base URL of the Jira site\n"
	  "3: jira.token: is required and missing; add an API token (Cloud) or a personal "
	  "access token (Data Center)\n"
	  "3: jira.project: is required and missing; add the key of the project, like OPS\n" },
	{ GOOD "jira: {url: 'http://jira.example.com', token: t, project: OPS}\n",
	  "3: jira.url: \"http://jira.example.com\" is not encrypted; use https:// (http:// is "
	  "for loopback addresses only)\n" },
	{ GOOD "jira: {url: 'https://j.example.com', token: t, project: ops, api: server}\n",
	  "3: jira.project: \"ops\" is not a project key; write the letters before the number "
	  "of an issue, as OPS in OPS-12\n"
	  "3: jira.api: \"server\" is not one of the known words; use one of: auto, cloud, "
	  "datacenter\n" },
	{ GOOD "jira: {url: 'https://j.example.com', token: t, project: OPS, users: {bob: x}}\n",
	  "3: jira.users.bob: \"bob\" is not a user id; in Slack open the profile, then More, "
	  "Copy member ID (U0123456789)\n" },
	{ GOOD "jira: {url: 'https://j.example.com', token: t, project: OPS, users: {U0123456789: "
	  "''}}\n",
	  "3: jira.users.U0123456789: is empty; give it a value, or remove it\n" },
	{ GOOD "jira: {url: 'https://j.example.com', token: t, project: OPS, fields: [a]}\n",
	  "3: jira.fields: must be a map, not a list; write \"key: value\" lines below, "
	  "indented\n" },
	{ GOOD "jira: {url: 'https://j.example.com', token: t, project: OPS, fields: {a: {b: "
	  "['${NO_SUCH_NAME}']}}}\n",
	  "3: jira.fields.a.b[0]: environment variable NO_SUCH_NAME is not set; set it (a "
	  "plain ${ is written $${)\n" },
	{ GOOD "mail: {topic: me@example.com}\n",
	  "3: mail.topic: \"me@example.com\" is not the ARN of an SNS topic; write "
	  "arn:aws:sns:REGION:ACCOUNT:NAME\n" },
	{ GOOD "bedrock: {model: m1-x, max_cost_per_day: 5}\n",
	  "3: bedrock.max_cost_per_day: cannot be kept without a price for the model; add the "
	  "model to bedrock.prices, or remove the ceiling\n" },
	{ GOOD "bedrock: {model: m1-x, max_cost_per_day: 5, prices: {m2-x: {input: 1, output: 2}}}\n",
	  "3: bedrock.max_cost_per_day: cannot be kept without a price for the model; add the "
	  "model to bedrock.prices, or remove the ceiling\n" },
	{ GOOD "bedrock: {model: m1-x, max_cost_per_day: five, prices: {m1-x: {input: 1}}}\n",
	  "3: bedrock.max_cost_per_day: \"five\" is not a number; write one like 0.5\n"
	  "3: bedrock.prices.m1-x.output: is required and missing; add the dollars for a "
	  "million tokens\n" },
	{ GOOD "bedrock: {model: m1-x, max_cost_per_day: -5, prices: {m1-x: {input: 1e999, output: "
	  "0x10}}}\n",
	  "3: bedrock.max_cost_per_day: \"-5\" is out of range; use 0 to 1000000\n"
	  "3: bedrock.prices.m1-x.input: \"1e999\" is not a number; write one like 0.5\n"
	  "3: bedrock.prices.m1-x.output: \"0x10\" is not a number; write one like 0.5\n" },
	{ GOOD "bedrock: {model: m1-x, prices: {m1-x: 3}}\n",
	  "3: bedrock.prices.m1-x: must be a map, not one value; write \"key: value\" lines "
	  "below, indented\n" },
	{ GOOD "bedrock: {model: m1-x, prices: {'': {input: 1, output: 1}}}\n",
	  "3: bedrock.prices.: the key is empty; write one before the colon\n" },
	{ GOOD "bedrock: {model: m1-x, max_cost_per_answer: 1, max_cost_per_day: 5}\n",
	  "3: bedrock.max_cost_per_answer: cannot be kept without a price for the model; add the "
	  "model to bedrock.prices, or remove the ceiling\n"
	  "3: bedrock.max_cost_per_day: cannot be kept without a price for the model; add the "
	  "model to bedrock.prices, or remove the ceiling\n" },
	{ GOOD "bedrock: {max_tokens: 99, prompt: absent.md, guardrail: {id: Abc, version: 0}}\n",
	  "3: bedrock.model: is required and missing; add the id of the model, or remove bedrock\n"
	  "3: bedrock.guardrail.id: \"Abc\" is not the id or ARN of a Bedrock guardrail; copy it from the "
	  "Bedrock console\n"
	  "3: bedrock.guardrail.version: \"0\" is not the version of a guardrail; write its number, or DRAFT\n"
	  "3: bedrock.prompt: file DIR/absent.md cannot be read (No such file or directory); correct the path "
	  "or the file's rights\n"
	  "3: bedrock.max_tokens: \"99\" is out of range; use 100 to 200000\n" },
	{ GOOD "bedrock: {model: m1-x, guardrail: {version: draft}}\n",
	  "3: bedrock.guardrail.id: is required and missing; add the id or ARN of the guardrail\n"
	  "3: bedrock.guardrail.version: \"draft\" is not the version of a guardrail; write its number, or "
	  "DRAFT\n" },
	{ GOOD "bedrock: {model: m1-x, guardrail: {id: a}}\n",
	  "3: bedrock.guardrail.version: is required and missing; add the number of a version, or DRAFT\n" },
	{ GOOD "bedrock: {model: m1-x, prompt: long.md}\n",
	  "3: bedrock.prompt: file DIR/long.md is larger than 32 KiB; shorten it\n" },
	{ GOOD "bedrock: {model: m1-x, prompt: latin1.md}\n",
	  "3: bedrock.prompt: file DIR/latin1.md is not UTF-8; write the instructions into it as plain text "
	  "(UTF-8)\n" },
	{ GOOD "bedrock: {model: m1-x, prompt: nul}\n",
	  "3: bedrock.prompt: file DIR/nul is not UTF-8; write the instructions into it as plain text "
	  "(UTF-8)\n" },
	{ GOOD "bedrock: {model: m1-x, prompt: empty}\n",
	  "3: bedrock.prompt: file DIR/empty is empty; write the instructions into it as plain text (UTF-8)\n" },
	{ GOOD "bedrock: {model: m1-x, prompt: .}\n",
	  "3: bedrock.prompt: file DIR/. cannot be read (not a regular file); correct the path or the "
	  "file's rights\n" },
	{ GOOD "answers: {timezone: Mars/Base, changes: yes, log_groups: [a, 'b c', a], max_log_scan: 1GB, "
	  "remember: 30m}\n",
	  "3: answers.timezone: \"Mars/Base\" is not a time zone of the IANA database; write one like "
	  "Asia/Tokyo, Europe/Berlin or UTC\n"
	  "3: answers.changes: \"yes\" is not a boolean here; write true\n"
	  "3: answers.log_groups[1]: \"b c\" cannot be the name of a log group; use letters, digits and '_', "
	  "'-', '/', '.', '#', and * or ? as wildcards\n"
	  "3: answers.log_groups[2]: the same value stands on line 3; remove one of them\n"
	  "3: answers.max_log_scan: \"1GB\" is not a size; write a whole number and one unit: 64KiB, 100MiB, "
	  "1GiB or 1TiB\n"
	  "3: answers.remember: \"30m\" is out of range; use 1h to 365d\n" },
	{ GOOD "answers: {max_log_scan: 1023KiB}\n",
	  "3: answers.max_log_scan: \"1023KiB\" is out of range; use 1MiB to 1TiB\n" },
	{ GOOD "answers: {max_log_scan: 2TiB, log_groups: /ecs/web}\n",
	  "3: answers.log_groups: must be a list, not one value; write each entry on a line below, as "
	  "\"- ENTRY\"\n"
	  "3: answers.max_log_scan: \"2TiB\" is out of range; use 1MiB to 1TiB\n" },
	{ GOOD "prometheus: [{name: cloudwatch, url: 'http://p:9090'}]\n",
	  "3: prometheus[0].name: \"cloudwatch\" is the name of CloudWatch; use another\n" },
	{ GOOD "prometheus: [{name: a, url: 'ftp://p'}, {name: a, url: 'http://p'}, {name: 'a b', "
	  "url: 'http://p'}]\n",
	  "3: prometheus[0].url: \"ftp://p\" is not a URL; begin it with https:// (or http://)"
	  "\n"
	  "3: prometheus[1].name: the same name stands on line 3; remove one of them\n"
	  "3: prometheus[2].name: \"a b\" cannot be a name; use at most 40 letters, digits, "
	  "'-' and '_', a letter first\n" },
	{ GOOD "routes: [{match: {state: alarm}, channel: '#ops'}]\n",
	  "3: routes[0].match.state: \"alarm\" is not one of the known words; use one of: OK, "
	  "ALARM, INSUFFICIENT_DATA\n"
	  "3: routes[0].channel: \"#ops\" is not a channel id; in Slack click the channel's "
	  "name: the id (C0123456789) stands at the bottom of About\n" },
	{ GOOD "routes: [{match: {acount: '123456789012'}}]\n",
	  "3: routes[0].match.acount: unknown key; did you mean routes[0].match.account?\n"
	  "3: routes[0].channel: is required and missing; add the id of the channel that these "
	  "alarms go to\n" },
	{ GOOD "runbooks: [{name: x}]\n",
	  "3: runbooks[0]: has no commands; add linux, windows or both\n" },
	{ GOOD "runbooks: [{name: x, linux: l, on: {to: ALARM}}]\n",
	  "3: runbooks[0].on: needs either metric or alarm; give one of them\n" },
	{ GOOD "runbooks: [{name: x, linux: l, 'on': {metric: a, alarm: b, to: ALARM}}]\n",
	  "3: runbooks[0].on: needs either metric or alarm; give one of them\n" },
	{ GOOD "runbooks: [{name: x, linux: l, on: {alarm: a, namespace: n, to: OK}}]\n",
	  "3: runbooks[0].on: namespace goes with metric only; remove it, or use metric\n" },
	{ GOOD "runbooks: [{name: x, linux: l, changes: yes, automatic: off}]\n",
	  "3: runbooks[0].changes: \"yes\" is not a boolean here; write true\n"
	  "3: runbooks[0].automatic: \"off\" is not a boolean here; write false\n" },
	{ GOOD "runbooks: [{name: x, linux: l, changes: maybe, roles: [admin]}]\n",
	  "3: runbooks[0].changes: \"maybe\" is not a boolean; write true or false\n"
	  "3: runbooks[0].roles[0]: \"admin\" is not one of the known words; use one of: "
	  "operator, approver\n" },
	{ GOOD "runbooks: [{name: x, linux: \"a\\x01b\", timeout: 3d}]\n",
	  "3: runbooks[0].linux: \"a?b\" holds a control character; remove it\n"
	  "3: runbooks[0].timeout: \"3d\" is out of range; use 1s to 2d\n" },
	{ GOOD "runbooks:\n- name: x\n  linux: |\n    ls\n    ls {{dir}} {{ dir }} {{.Dir}}\n  windows: '{{ok}}{{no}}'\n"
	  "  arguments:\n  - {name: ok, type: word}\n  - {name: lost, type: path}\n",
	  "5: runbooks[0].linux: {{dir}} is no argument; add it to arguments, or write {{ dir }} "
	  "if it is not meant as one\n"
	  "8: runbooks[0].windows: {{no}} is no argument; add it to arguments, or write {{ no }} "
	  "if it is not meant as one\n"
	  "11: runbooks[0].arguments[1]: no script has {{lost}}; use it there, or remove it here\n" },
	{ GOOD "runbooks: [{name: x, linux: '{{a}} {{b}}', arguments: [{name: a, type: file, optional: "
	  "true}, {name: b}]}]\n",
	  "3: runbooks[0].arguments[0].type: \"file\" is not one of the known words; use one of: "
	  "path, unit, count, word\n"
	  "3: runbooks[0].arguments[1].type: is required and missing; add path, unit, count or word\n" },
	{ GOOD "runbooks: [{name: x, linux: '{{a}} {{b}}', arguments: [{name: a, type: word, optional: "
	  "true}, {name: b, type: word}]}]\n",
	  "3: runbooks[0].arguments[1]: stands behind an optional one; put those last\n" },
	{ GOOD "runbooks: [{name: x, linux: '{{a}}', arguments: [{name: a, type: word}, {name: a, type: "
	  "word}]}]\n",
	  "3: runbooks[0].arguments[1].name: the same name stands on line 3; remove one of them\n" },
	{ GOOD "runbooks: [{name: x, linux: '{{a}}{{b}}{{c}}{{d}}{{e}}{{f}}{{g}}{{h}}{{i}}', arguments: ["
	  "{name: a, type: word}, {name: b, type: word}, {name: c, type: word}, {name: d, type: word}, "
	  "{name: e, type: word}, {name: f, type: word}, {name: g, type: word}, {name: h, type: word}, "
	  "{name: i, type: word}]}]\n",
	  "3: runbooks[0].arguments: has more than 8 entries; shorten it\n" },
	{ GOOD "runbooks: [{name: x, linux: \"#!/usr/bin/env python3\\n{{a}}\", arguments: [{name: a, "
	  "type: word}]}]\n",
	  "3: runbooks[0].linux: is not for a POSIX shell, and arguments are quoted for one; begin "
	  "it with #!/bin/sh, or remove the arguments\n" },
	{ GOOD "runbooks: [{name: Help, linux: a}, {name: ticket, linux: a}, {name: ping, linux: a}]\n",
	  "3: runbooks[0].name: \"Help\" is a command of tocsin; use another\n"
	  "3: runbooks[1].name: \"ticket\" is a command of tocsin; use another\n"
	  "3: runbooks[2].name: \"ping\" is a command of tocsin; use another\n" },
	{ GOOD "runbooks: [{name: x, linux: a, automatic: true}, {name: y, linux: a, automatic: true, "
	  "changes: true}]\n",
	  "3: runbooks[0].automatic: has no effect without changes: true (what changes nothing "
	  "needs no button); remove it, or add changes: true\n" },
	{ GOOD "runbooks: [{name: x, linux: echo ${NO_SUCH_NAME} ${NO_SUCH_2}}]\n",
	  "3: not valid YAML: did not find expected ',' or '}'; close the bracket, put a comma "
	  "between the entries, and within brackets put ${NAME} in quotes\n" },
	{ GOOD "runbooks: [{name: x, linux: 'echo ${x'}]\n",
	  "3: runbooks[0].linux: ${ is not followed by the name of an environment variable and "
	  "}; write ${NAME}, or $${ for ${ itself\n" },
	{ GOOD "runbooks: [{name: x, linux: 'echo ${}'}]\n",
	  "3: runbooks[0].linux: ${ is not followed by the name of an environment variable and "
	  "}; write ${NAME}, or $${ for ${ itself\n" },
	{ GOOD "roles: {operator: [ oncall ]}\n",
	  "3: roles.operator[0]: \"oncall\" is neither a user id nor a group; write "
	  "U0123456789, or a user group's handle in lower case and quotes: \"@oncall\"\n" },
	{ GOOD "roles: {viewer: []}\n",
	  "3: roles.viewer: unknown key; known here: operator, approver\n" },
	{ GOOD "roles: {approver: @sre}\n",
	  "3: not valid YAML: found character that cannot start any token; put a value that "
	  "begins with @, ` or % in quotes\n" },
	{ GOOD "summary: {timezone: Asia/Tokyo}\n",
	  "3: summary: is never due; add schedule or weekly, like \"0 9 * * 1-5\", or remove summary\n" },
	{ GOOD "summary: {channel: C0123456789}\ndashboards: [{name: w, metrics_table: abc}]\n",
	  "3: summary: is never due; add schedule or weekly, like \"0 9 * * 1-5\", or remove summary\n" },
	{ GOOD "dashboards: [{name: w}]\n",
	  "3: dashboards[0]: has no metrics; add metrics, metrics_table or alarms\n" },
	{ GOOD "dashboards: [{name: w, alarms: []}, {name: v, metrics_table: abc, alarms_from: {region: eu-west-1}}, "
	  "{name: u, alarms: [a, a], alarms_from: {account: 1, region: x}}]\n",
	  "3: dashboards[0]: has no metrics; add metrics, metrics_table or alarms\n"
	  "3: dashboards[1]: has alarms_from without alarms; add alarms, or remove it\n"
	  "3: dashboards[2].alarms[1]: the same value stands on line 3; remove one of them\n"
	  "3: dashboards[2].alarms_from.account: \"1\" is not an account id; write all 12 digits, in quotes, so "
	  "that zeros at the front stay\n"
	  "3: dashboards[2].alarms_from.region: \"x\" is not a region code; write one like us-east-1\n" },
	{ GOOD "dashboards: [{name: w, metrics_table: ab, timezone: Mars Olympus, schedule: '0 9 * "
	  "*'}]\n",
	  "3: dashboards[0].schedule: \"0 9 * *\" has fewer than five fields; write minute, "
	  "hour, day of month, month and day of week, as in \"0 9 * * 1-5\"\n"
	  "3: dashboards[0].timezone: \"Mars Olympus\" is not a time zone of the IANA "
	  "database; write one like Asia/Tokyo, Europe/Berlin or UTC\n"
	  "3: dashboards[0].metrics_table: \"ab\" is not a table name; use 3 to 255 letters, "
	  "digits, '_', '-' and '.'\n" },
	{ GOOD "dashboards: [{name: w, metrics_table: abc, schedule: '60 9 * * *'}, {name: v, "
	  "metrics_table: abc, schedule: '0 9 * * 5-1'}, {name: u, metrics_table: abc, "
	  "schedule: '0 9 * * * *'}]\n",
	  "3: dashboards[0].schedule: \"60 9 * * *\" has a wrong minute; use 0 to 59, *, "
	  "lists (1,3), ranges (1-5) and steps (*/10)\n"
	  "3: dashboards[1].schedule: \"0 9 * * 5-1\" has a wrong day of week; use 0 to 7, "
	  "*, lists (1,3), ranges (1-5) and steps (*/10)\n"
	  "3: dashboards[2].schedule: \"0 9 * * * *\" has more than five fields; seconds and "
	  "years are not accepted\n" },
	{ GOOD "dashboards: [{name: w, metrics: [{id: A}, {id: a, source: prom, namespace: n}, {id: "
	  "a, namespace: n, metric: m, query: q}]}]\n",
	  "3: dashboards[0].metrics[0].id: \"A\" is not a metric id; use letters, digits and "
	  "'_', a lower-case letter first\n"
	  "3: dashboards[0].metrics[1]: has a source that is no entry of prometheus; use "
	  "cloudwatch or logs, or add the entry\n"
	  "3: dashboards[0].metrics[1]: is from Prometheus and needs a query; add it\n"
	  "3: dashboards[0].metrics[1]: is from Prometheus and has namespace, which is for "
	  "CloudWatch; remove it\n"
	  "3: dashboards[0].metrics[2]: is from CloudWatch and has a query; remove it, or name "
	  "a prometheus entry as the source\n"
	  "3: dashboards[0].metrics[2].id: the same id stands on line 3; remove one of them\n" },
	{ GOOD "prometheus: [{name: prom, url: 'http://p'}]\n"
	  "dashboards: [{name: w, metrics: [{id: a, source: prom, query: q, namespace: n}, "
	  "{id: b, stat: median}, {id: c, namespace: n, metric: m, period: 7s}, {id: d, source: prom, "
	  "query: q, period: 15s, hidden: true, region: us-east-1}, {id: e, namespace: n, metric: m, "
	  "period: 2d}]}]\n",
	  "4: dashboards[0].metrics[0]: is from Prometheus and has namespace, which is for "
	  "CloudWatch; remove it\n"
	  "4: dashboards[0].metrics[1].stat: \"median\" is not a statistic of CloudWatch; use "
	  "Average, Sum, Minimum, Maximum, SampleCount, or one like p90\n"
	  "4: dashboards[0].metrics[2].period: \"7s\" is not a period of CloudWatch; use 1s, "
	  "5s, 10s, 20s, 30s or whole minutes\n"
	  "4: dashboards[0].metrics[3]: is from Prometheus and has region, which is for "
	  "CloudWatch; remove it\n"
	  "4: dashboards[0].metrics[4].period: \"2d\" is out of range; use 1s to 1d\n" },
	{ GOOD "dashboards: [{name: w, metrics: [{id: a, namespace: n, metric: m, normal: {above: "
	  "5, below: 5}, dimensions: [x]}]}]\n",
	  "3: dashboards[0].metrics[0].dimensions: must be a map, not a list; write \"key: "
	  "value\" lines below, indented\n"
	  "3: dashboards[0].metrics[0].normal: no value is above 5 and below 5; `above` is the "
	  "lower limit, `below` the upper one\n" },
	{ GOOD "dashboards: [{name: w, metrics: [{id: a, namespace: n, metric: m, normal: {above: "
	  "5, below: 5}}], prompt: absent.md}]\n",
	  "3: dashboards[0].prompt: file DIR/absent.md cannot be read (No such file or directory); correct the "
	  "path or the file's rights\n"
	  "3: dashboards[0].metrics[0].normal: no value is above 5 and below 5; `above` is the "
	  "lower limit, `below` the upper one\n" },
};

#define AB "{id: a, namespace: n, metric: m}, {id: b, namespace: n, metric: m, period: 1m, hidden: true}"

/* Logging in, and formulas. */
static const struct config_case metrics_cases[] = {
	{ GOOD "prometheus: [{name: logs, url: 'http://127.0.0.1:1'}]\n",
	  "3: prometheus[0].name: \"logs\" is the name of CloudWatch Logs; use another\n" },
	{ GOOD "dashboards: [{name: w, metrics: [{id: a, source: logs, log_groups: [/x], query: 'stats count(*) by bin(5m)'}, {id: b, "
	  "source: logs}, {id: c, namespace: n, metric: m, max_scan: 1GiB, baseline: 1d}]}]\n",
	  "3: dashboards[0].metrics[1]: is from logs and needs log_groups and query; add them\n"
	  "3: dashboards[0].metrics[2]: has baseline, which is for source: logs; remove it\n"
	  "3: dashboards[0].metrics[2]: has max_scan, which is for source: logs; remove it\n" },
	{ GOOD "dashboards: [{name: w, metrics: [{id: a, source: logs, log_groups: ['/x*'], query: 'stats count(*) by bin(1h)', "
	  "metric: m}, {id: b, source: logs, log_groups: [x], query: fields x, period: 30s}]}]\n",
	  "3: dashboards[0].metrics[0]: is from logs and has metric, which is for CloudWatch's metrics; remove it\n"
	  "3: dashboards[0].metrics[0].log_groups: has a wildcard, and a query reads groups by name; write the names out\n"
	  "3: dashboards[0].metrics[0].query: its bin is not the metric's period (5m); give both the same, as period: 5m and "
	  "bin(5m)\n"
	  "3: dashboards[0].metrics[1]: is from logs and has a period of less than a minute; use whole minutes\n"
	  "3: dashboards[0].metrics[1].query: has no stats command, so that its rows are no series; end it with one like "
	  "stats count(*) as errors by bin(5m)\n" },
	{ GOOD "prometheus: [{name: a, url: 'https://p', user: u}, {name: b, url: 'https://p', token: t, region: "
	  "eu-west-1}, {name: c, url: 'https://p', user: 'u:v', password: p},\n"
	  "{name: d, url: 'http://p', token: hunter2}, {name: e, url: 'http://127.0.0.1:1', user: u, password: p}]\n",
	  "3: prometheus[0]: has only one of user and password; add the other, or remove it\n"
	  "3: prometheus[1]: logs in in more than one way; keep user and password, or token, or region (which signs "
	  "for Amazon Managed Prometheus)\n"
	  "3: prometheus[2]: has a user with ':', which HTTP cannot send; use another\n"
	  "4: prometheus[3]: would send what it logs in with unencrypted; use https:// (http:// is for loopback "
	  "addresses only)\n" },
	{ GOOD "dashboards: [{name: w, metrics: [{id: a}, {id: b, expression: a, metric: m}]}]\n",
	  "3: dashboards[0].metrics[0]: is from CloudWatch and needs namespace and metric (or expression); add them, "
	  "or name a prometheus entry as the source\n"
	  "3: dashboards[0].metrics[1]: has an expression and metric; remove one of them (what an expression computes "
	  "with is a metric of its own, named by its id)\n" },
	{ GOOD "prometheus: [{name: prom, url: 'http://p'}]\n"
	  "dashboards: [{name: w, metrics: [{id: a, source: prom, query: q, expression: a}]}]\n",
	  "4: dashboards[0].metrics[0]: is from Prometheus and has expression, which is for CloudWatch; remove it\n" },
	{ GOOD "prometheus: [{name: prom, url: 'http://p'}]\n"
	  "dashboards: [{name: w, metrics: [" AB ", {id: p, source: prom, query: q}, {id: r, namespace: n, metric: m, "
	  "region: us-west-2},\n"
	  "{id: e, expression: a + lost / SUM(METRICS('b'))},\n"
	  "{id: f, expression: a + b},\n"
	  "{id: g, expression: a + p},\n"
	  "{id: h, expression: a + r},\n"
	  "{id: i, expression: 'IF(k > 2e3, a, 0.5e1)'}, {id: j, expression: i}, {id: k, expression: 2 * j},\n"
	  "{id: l, expression: l}]}]\n",
	  "5: dashboards[0].metrics[4].expression: names lost, which is no id of this dashboard's metrics; add such a "
	  "metric (hidden: true keeps it from being shown), or correct the name\n"
	  "6: dashboards[0].metrics[5].expression: computes with b, which has another period; give both the same\n"
	  "7: dashboards[0].metrics[6].expression: computes with p, which CloudWatch does not have; write one query for "
	  "Prometheus instead\n"
	  "8: dashboards[0].metrics[7].expression: computes with r, which is of another account or region, and "
	  "CloudWatch cannot; give both the same\n"
	  "9: dashboards[0].metrics[8].expression: needs its own result; take the circle apart\n"
	  "9: dashboards[0].metrics[9].expression: needs its own result; take the circle apart\n"
	  "9: dashboards[0].metrics[10].expression: needs its own result; take the circle apart\n"
	  "10: dashboards[0].metrics[11].expression: needs its own result; take the circle apart\n" },
	{ GOOD "dashboards: [{name: w, metrics: [&a {id: a, namespace: n, metric: m}]}, {name: v, metrics: [*a]}]\n"
	  "runbooks: [{name: r, linux: '{{n}}', arguments: [*a]}]\n",
	  "3: dashboards[0].metrics[0]: anchors and aliases (& and *) are not accepted; write the value out, in quotes when it begins "
	  "with & or *\n"
	  "3: dashboards[1].metrics[0]: anchors and aliases (& and *) are not accepted; write the value out, in quotes when it begins "
	  "with & or *\n"
	  "4: runbooks[0].arguments[0]: anchors and aliases (& and *) are not accepted; write the value out, in quotes when it begins "
	  "with & or *\n" },
	{ GOOD "prometheus: [{name: p, url: 'http://p'}]\n"
	  "dashboards: [{name: w, metrics: [{id: a, namespace: n, metric: m, hidden: true, anomaly_band: 2}, {id: b, expression: "
	  "a, anomaly_band: yes}, {id: c, source: p, query: q, anomaly_band: false},\n"
	  "{id: d, expression: 'SEARCH(1)', anomaly_band: 0.5}, {id: e, namespace: n, metric: m, anomaly_band: 0},\n"
	  "{id: f, namespace: n, metric: m, anomaly_band: 1000}]}]\n",
	  "4: dashboards[0].metrics[0].anomaly_band: the metric is hidden, and what is hidden is not judged; remove one of "
	  "the two\n"
	  "4: dashboards[0].metrics[1].anomaly_band: \"yes\" is neither true nor a number; write true, or how many standard "
	  "deviations wide, as 2\n"
	  "4: dashboards[0].metrics[2]: is from Prometheus and has anomaly_band, which is for CloudWatch; remove it\n"
	  "5: dashboards[0].metrics[3].anomaly_band: the expression may come to several series, and CloudWatch has a band for "
	  "one; remove it, or write the metrics out\n"
	  "5: dashboards[0].metrics[4].anomaly_band: \"0\" is no width; write a number above 0, as 2, or false\n"
	  "6: dashboards[0].metrics[5].anomaly_band: \"1000\" is out of range; use 0 to 100\n" },
	{ GOOD "dashboards: [{name: w, metrics: [" AB "]}]\n",
	  "3: dashboards[0].metrics[1].hidden: no expression computes with b; remove hidden, or the metric\n" },
};

static void refuses_metrics_that_cannot_be_read(void **state)
{
	(void)state;
	CHECK(metrics_cases);
}

static void refuses_other_sections_in_use(void **state)
{
	(void)state;
	CHECK(other_sections_in_use_cases);
}

static void refuses_sections_of_systems(void **state)
{
	(void)state;
	CHECK(sections_of_systems_cases);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(refuses_other_sections_in_use),
		cmocka_unit_test(refuses_sections_of_systems),
		cmocka_unit_test(refuses_metrics_that_cannot_be_read),
	};

	return cmocka_run_group_tests(tests, config_cases_setup, config_cases_teardown);
}
