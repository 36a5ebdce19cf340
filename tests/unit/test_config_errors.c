/* What is said about a wrong configuration, to the letter: the file, and the sections of intake. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/support/config_cases.h"

#define CHECK(cases) config_cases_check(cases, sizeof(cases) / sizeof((cases)[0]))

/* What is not YAML, or more of YAML than is accepted. */
static const struct config_case not_yaml_cases[] = {
	{ "slack:\n"
	  "\tchannel: C1\n",
	  "2: not valid YAML: found character that cannot start any token; indent with spaces, "
	  "not with tabs\n" },
	{ "slack:\n"
	  "  channel: @ops\n",
	  "2: not valid YAML: found character that cannot start any token; put a value that "
	  "begins with @, ` or % in quotes\n" },
	{ "slack:\n"
	  "  channel: \"C1\n"
	  "sns: 1\n",
	  "4: not valid YAML: found unexpected end of stream in what began on line 2; close "
	  "the quote or bracket\n" },
	{ "slack: channel: C1\n",
	  "1: not valid YAML: mapping values are not allowed in this context; there is one "
	  "colon too many or wrong indentation; put text that holds ': ' in quotes\n" },
	{ "slack: [a, b\n",
	  "2: not valid YAML: did not find expected ',' or ']' in what began on line 1; close "
	  "the bracket, put a comma between the entries, and within brackets put ${NAME} in "
	  "quotes\n" },
	{ "slack:\n"
	  "  channel: \"a\\qb\"\n",
	  "2: not valid YAML: found unknown escape character; write \\\\ for a backslash, or "
	  "use single quotes\n" },
	{ "slack: 1\n"
	  "---\n"
	  "slack: 2\n",
	  "2: a second document begins here; keep one document in the file, without '---' in "
	  "between\n" },
	{ "a: \377\n",
	  "1: the text is not UTF-8; save the file as UTF-8\n" },
	{ "a: 1\n"
	  "b: \001\n",
	  "2: not valid YAML: control characters are not allowed; remove them; save the file "
	  "as plain UTF-8 text\n" },
	{ "- a\n"
	  "- b\n",
	  "1: must be a map, not a list; write \"key: value\" lines below, indented\n" },
	{ "just text\n",
	  "1: must be a map, not one value; write \"key: value\" lines below, indented\n" },
	{ "",
	  "1: slack.app_token: is required and missing; add the token that begins with xapp-, "
	  "from api.slack.com/apps, your app, Basic Information, App-Level Tokens (scope "
	  "connections:write)\n"
	  "1: slack.bot_token: is required and missing; add the token that begins with xoxb-, "
	  "from api.slack.com/apps, your app, OAuth & Permissions\n"
	  "1: slack.channel: is required and missing; add the id of the channel for incidents "
	  "(in Slack click the channel's name: the id stands at the bottom of About)\n"
	  "1: sns.topics: is required and missing; list the ARNs of the topics that alarms are "
	  "sent to\n" },
	{ "# only a comment\n",
	  "1: slack.app_token: is required and missing; add the token that begins with xapp-, "
	  "from api.slack.com/apps, your app, Basic Information, App-Level Tokens (scope "
	  "connections:write)\n"
	  "1: slack.bot_token: is required and missing; add the token that begins with xoxb-, "
	  "from api.slack.com/apps, your app, OAuth & Permissions\n"
	  "1: slack.channel: is required and missing; add the id of the channel for incidents "
	  "(in Slack click the channel's name: the id stands at the bottom of About)\n"
	  "1: sns.topics: is required and missing; list the ARNs of the topics that alarms are "
	  "sent to\n" },
	{ GOOD "http: &a {listen: 127.0.0.1:1}\n",
	  "3: http: anchors and aliases (& and *) are not accepted; write the value out, in "
	  "quotes when it begins with & or *\n" },
	{ GOOD "http: {listen: *a}\n",
	  "3: http.listen: anchors and aliases (& and *) are not accepted; write the value "
	  "out, in quotes when it begins with & or *\n" },
	{ GOOD "routes: [{match: {alarm: *}, channel: C01234567}]\n",
	  "3: not valid YAML: did not find expected alphabetic or numeric character; put a "
	  "value that begins with * or & in quotes\n" },
	{ GOOD "http: !x {listen: 127.0.0.1:1}\n",
	  "3: http: tags (!) are not accepted; put a value that begins with ! in quotes\n" },
	{ GOOD "http:\n"
	  "  <<: {listen: 127.0.0.1:1}\n",
	  "4: http.<<: merge keys are not accepted; write the keys out\n" },
	{ GOOD "http:\n"
	  "  ? [a]\n"
	  "  : b\n",
	  "4: http: a key must be plain text, not a list, a map or an alias; put it in quotes "
	  "when it begins with *, & , [ or {\n" },
	{ GOOD "http: {listen: \"127.0.0.1:1\\0\"}\n",
	  "3: http.listen: holds a NUL character; remove it\n" },
	{ GOOD "http: {listen: 127.0.0.1:1}\n"
	  "state: {path: a}\n"
	  "http: {listen: 127.0.0.1:2}\n",
	  "5: http: duplicate key, first given on line 3; remove one of them\n" },
	{ GOOD "state:\n"
	  "  path: a\n"
	  "  path: b\n",
	  "5: state.path: duplicate key, first given on line 4; remove one of them\n" },
};

/* Unknown, missing, duplicate; a list where a map belongs. */
static const struct config_case keys_and_shapes_cases[] = {
	{ "slack: {app_token: xapp-1, bot_token: xoxb-1, chanel: C0123456789}\n" SNS,
	  "1: slack.chanel: unknown key; did you mean slack.channel?\n"
	  "1: slack.channel: is required and missing; add the id of the channel for incidents "
	  "(in Slack click the channel's name: the id stands at the bottom of About)\n" },
	{ GOOD "http: {tsl: {}}\n",
	  "3: http.tsl: unknown key; did you mean http.tls?\n" },
	{ GOOD "http: {Listen: 127.0.0.1:1}\n",
	  "3: http.Listen: unknown key; did you mean http.listen?\n" },
	{ GOOD "channel: C0123456789\n",
	  "3: channel: unknown key; did you mean slack.channel?\n" },
	{ GOOD "jira: {token:abcdef-secret}\n",
	  "3: jira.token: unknown key; put a space after the colon\n"
	  "3: jira.url: is required and missing; add the base URL of the Jira site\n"
	  "3: jira.token: is required and missing; add an API token (Cloud) or a personal "
	  "access token (Data Center)\n"
	  "3: jira.project: is required and missing; add the key of the project, like OPS\n" },
	{ GOOD "xapp-1-A1-999: 1\n",
	  "3: (a token): unknown key; known here: http, slack, sns, aws, jira, mail, bedrock, "
	  "answers, prometheus, routes, runbooks, roles, dashboards, summary, incidents, state, network, log\n" },
	{ GOOD "colour: red\n",
	  "3: colour: unknown key; known here: http, slack, sns, aws, jira, mail, bedrock, "
	  "answers, prometheus, routes, runbooks, roles, dashboards, summary, incidents, state, network, log\n" },
	{ GOOD "routes: [{chanel: C01234567}]\n",
	  "3: routes[0].chanel: unknown key; did you mean routes[0].channel?\n"
	  "3: routes[0].channel: is required and missing; add the id of the channel that these "
	  "alarms go to\n" },
	{ GOOD "dashboard: []\n",
	  "3: dashboard: unknown key; did you mean dashboards?\n" },
	{  SNS,
	  "1: slack.app_token: is required and missing; add the token that begins with xapp-, "
	  "from api.slack.com/apps, your app, Basic Information, App-Level Tokens (scope "
	  "connections:write)\n"
	  "1: slack.bot_token: is required and missing; add the token that begins with xoxb-, "
	  "from api.slack.com/apps, your app, OAuth & Permissions\n"
	  "1: slack.channel: is required and missing; add the id of the channel for incidents "
	  "(in Slack click the channel's name: the id stands at the bottom of About)\n" },
	{ SLACK ,
	  "1: sns.topics: is required and missing; list the ARNs of the topics that alarms are "
	  "sent to\n" },
	{ "slack:\n" SNS,
	  "1: slack.app_token: is required and missing; add the token that begins with xapp-, "
	  "from api.slack.com/apps, your app, Basic Information, App-Level Tokens (scope "
	  "connections:write)\n"
	  "1: slack.bot_token: is required and missing; add the token that begins with xoxb-, "
	  "from api.slack.com/apps, your app, OAuth & Permissions\n"
	  "1: slack.channel: is required and missing; add the id of the channel for incidents "
	  "(in Slack click the channel's name: the id stands at the bottom of About)\n" },
	{ GOOD "slack: 7\n",
	  "3: slack: duplicate key, first given on line 1; remove one of them\n" },
	{ GOOD "routes: {channel: C01234567}\n",
	  "3: routes: must be a list, not a map; write each entry on a line below, as \"- "
	  "ENTRY\"\n" },
	{ GOOD "state: {path: [a]}\n",
	  "3: state.path: must be one value (path), not a list; write just the value\n" },
	{ GOOD "state: {path: {a: b}}\n",
	  "3: state.path: must be one value (path), not a map; write just the value\n" },
	{ GOOD "state: {path: ''}\n",
	  "3: state.path: is empty; give it a value, or remove it\n" },
	{ GOOD "http: {tls: {certificate: here.pem}}\n",
	  "3: http.tls.key: is required and missing; name the PEM file of the private key\n" },
	{ GOOD "aws: {accounts: [{name: prod}]}\n",
	  "3: aws.accounts[0].id: is required and missing; add the 12 digits of the account\n" },
	{ GOOD "state: []\n",
	  "3: state: must be a map, not a list; write \"key: value\" lines below, indented\n" },
	{ GOOD "aws: {accounts: [us-east-1]}\n",
	  "3: aws.accounts[0]: must be a map, not one value; write \"key: value\" lines below, "
	  "indented\n" },
};

/* Tokens, channel, URL. */
static const struct config_case slack_section_cases[] = {
	{ "slack: {app_token: file:xapp-1-hunter2, bot_token: '${SECRET_IN_ENV}', channel: "
	  "C0123456789}\n" SNS,
	  "1: slack.app_token: file named here cannot be read (No such file or directory); "
	  "correct the path or the file's rights\n"
	  "1: slack.bot_token: is no token of this kind; give the one that begins with xoxb-, "
	  "from api.slack.com/apps, your app, OAuth & Permissions, Bot User OAuth Token\n" },
	{ "slack: {app_token: xapp-1, bot_token: xoxb-1, channel: '#ops'}\n" SNS,
	  "1: slack.channel: \"#ops\" is not a channel id; in Slack click the channel's name: "
	  "the id (C0123456789) stands at the bottom of About\n" },
	{ "slack: {app_token: xapp-1, bot_token: xoxb-1, channel: ops}\n" SNS,
	  "1: slack.channel: \"ops\" is not a channel id; in Slack click the channel's name: "
	  "the id (C0123456789) stands at the bottom of About\n" },
	{ "slack: {app_token: xapp-1, bot_token: xoxb-1, channel: C012}\n" SNS,
	  "1: slack.channel: \"C012\" is not a channel id; in Slack click the channel's name: "
	  "the id (C0123456789) stands at the bottom of About\n" },
	{ "slack: {app_token: xapp-1, bot_token: xoxb-1, channel: c0123456789}\n" SNS,
	  "1: slack.channel: \"c0123456789\" is not a channel id; in Slack click the channel's "
	  "name: the id (C0123456789) stands at the bottom of About\n" },
	{ "slack: {app_token: xoxb-123-secret, bot_token: xapp-456-secret, channel: "
	  "C0123456789}\n" SNS,
	  "1: slack.app_token: is a bot token (it goes into slack.bot_token); give the one "
	  "that begins with xapp-, from api.slack.com/apps, your app, Basic Information, "
	  "App-Level Tokens (scope connections:write)\n"
	  "1: slack.bot_token: is an app-level token (it goes into slack.app_token); give the "
	  "one that begins with xoxb-, from api.slack.com/apps, your app, OAuth & Permissions, "
	  "Bot User OAuth Token\n" },
	{ "slack: {app_token: xoxp-123-secret, bot_token: hunter2, channel: C0123456789}\n" SNS,
	  "1: slack.app_token: is a user token; give the one that begins with xapp-, from "
	  "api.slack.com/apps, your app, Basic Information, App-Level Tokens (scope "
	  "connections:write)\n"
	  "1: slack.bot_token: is no token of this kind; give the one that begins with xoxb-, "
	  "from api.slack.com/apps, your app, OAuth & Permissions, Bot User OAuth Token\n" },
	{ "slack: {app_token: 'xapp-1 secret', bot_token: 'xoxb-', channel: C0123456789}\n" SNS,
	  "1: slack.app_token: holds a space, a line break or a character that is not ASCII; "
	  "copy the secret again, without anything around it\n"
	  "1: slack.bot_token: is cut off behind its prefix; give the one that begins with "
	  "xoxb-, from api.slack.com/apps, your app, OAuth & Permissions, Bot User OAuth Token"
	  "\n" },
	{ "slack: {app_token: file:absent, bot_token: file:empty, channel: C0123456789}\n" SNS,
	  "1: slack.app_token: file DIR/absent cannot be read (No such file or directory); "
	  "correct the path or the file's rights\n"
	  "1: slack.bot_token: the file is empty; put the secret into it\n" },
	{ "slack: {app_token: file:., bot_token: file:nul, channel: C0123456789}\n" SNS,
	  "1: slack.app_token: file DIR/. cannot be read (not a regular file); correct the "
	  "path or the file's rights\n"
	  "1: slack.bot_token: file DIR/nul holds a NUL character; it must be plain text\n" },
	{ "slack: {app_token: xapp-1, bot_token: xoxb-1, channel: C0123456789, connections: 0}"
	  "\n" SNS,
	  "1: slack.connections: \"0\" is out of range; use 1 to 10\n" },
	{ "slack: {app_token: xapp-1, bot_token: xoxb-1, channel: C0123456789, connections: 11}"
	  "\n" SNS,
	  "1: slack.connections: \"11\" is out of range; use 1 to 10\n" },
	{ "slack: {app_token: xapp-1, bot_token: xoxb-1, channel: C0123456789, connections: "
	  "two}\n" SNS,
	  "1: slack.connections: \"two\" is not a whole number; write one like 2\n" },
	{ "slack: {app_token: xapp-1, bot_token: xoxb-1, channel: C0123456789, connections: "
	  "2.0}\n" SNS,
	  "1: slack.connections: \"2.0\" is not a whole number; write one like 2\n" },
	{ "slack: {app_token: xapp-1, bot_token: xoxb-1, channel: C0123456789, connections: "
	  "99999999999999999999}\n" SNS,
	  "1: slack.connections: \"99999999999999999999\" is out of range; use 1 to 10\n" },
	{ "slack: {app_token: xapp-1, bot_token: xoxb-1, channel: C0123456789, api_url: "
	  "slack.com}\n" SNS,
	  "1: slack.api_url: \"slack.com\" is not a URL; begin it with https:// (or http://)\n" },
	{ "slack: {app_token: xapp-1, bot_token: xoxb-1, channel: C0123456789, api_url: "
	  "'http://slack.com/api/'}\n" SNS,
	  "1: slack.api_url: \"http://slack.com/api/\" is not encrypted; use https:// (http:// "
	  "is for loopback addresses only)\n" },
	{ "slack: {app_token: xapp-1, bot_token: xoxb-1, channel: C0123456789, api_url: "
	  "'https://u:hunter2@slack.com/'}\n" SNS,
	  "1: slack.api_url: the value holds a user or password; leave them out of the URL\n" },
	{ "slack: {app_token: xapp-1, bot_token: xoxb-1, channel: C0123456789, api_url: "
	  "'https://slack.com/?a=b'}\n" SNS,
	  "1: slack.api_url: \"https://slack.com/?a=b\" holds '?' or '#'; give the base URL "
	  "only\n" },
	{ "slack: {app_token: xapp-1, bot_token: xoxb-1, channel: C0123456789, api_url: "
	  "'https:///api'}\n" SNS,
	  "1: slack.api_url: \"https:///api\" has no valid host name; write https://HOST/\n" },
	{ "slack: {app_token: xapp-1, bot_token: xoxb-1, channel: C0123456789, api_url: "
	  "'https://slack.com:99999/'}\n" SNS,
	  "1: slack.api_url: \"https://slack.com:99999/\" has no valid port; use 1 to 65535, "
	  "or leave it out\n" },
	{ "slack: {app_token: xapp-1, bot_token: xoxb-1, channel: C0123456789, api_url: "
	  "'https://sl ack.com/'}\n" SNS,
	  "1: slack.api_url: \"https://sl ack.com/\" holds a space or a character that a URL "
	  "cannot hold; remove or percent-encode it\n" },
	{ "slack: {app_token: xapp-1, bot_token: xoxb-1, channel: C0123456789, api_url: "
	  "'http://127.evil.com/'}\n" SNS,
	  "1: slack.api_url: \"http://127.evil.com/\" is not encrypted; use https:// (http:// "
	  "is for loopback addresses only)\n" },
	{ "slack: {app_token: xapp-1, bot_token: xoxb-1, channel: C0123456789, api_url: "
	  "'http://[::2]/'}\n" SNS,
	  "1: slack.api_url: \"http://[::2]/\" is not encrypted; use https:// (http:// is for "
	  "loopback addresses only)\n" },
};

/* ARNs, durations, accounts. */
static const struct config_case sns_and_aws_sections_cases[] = {
	{ SLACK "sns: {topics: arn:aws:sns:us-east-1:123456789012:alarms}\n",
	  "2: sns.topics: must be a list, not one value; write each entry on a line below, as "
	  "\"- ENTRY\"\n" },
	{ SLACK "sns: {topics: []}\n",
	  "2: sns.topics: is empty; list the ARNs of the topics that alarms are sent to\n" },
	{ SLACK "sns: {topics: [alarms]}\n",
	  "2: sns.topics[0]: \"alarms\" is not the ARN of an SNS topic; write "
	  "arn:aws:sns:REGION:ACCOUNT:NAME\n" },
	{ SLACK "sns: {topics: ['arn:aws:sqs:us-east-1:123456789012:q']}\n",
	  "2: sns.topics[0]: \"arn:aws:sqs:us-east-1:123456789012:q\" is not the ARN of an SNS "
	  "topic; write arn:aws:sns:REGION:ACCOUNT:NAME\n" },
	{ SLACK "sns: {topics: ['arn:aws:sns:us-east-1:123456789012:alarms.fifo']}\n",
	  "2: sns.topics[0]: \"arn:aws:sns:us-east-1:123456789012:alarms.fifo\" is a FIFO "
	  "topic, which delivers neither to HTTP nor to mail; use a standard topic\n" },
	{ SLACK "sns: {topics: ['arn:aws:sns:us-east-1:12345678901:alarms']}\n",
	  "2: sns.topics[0]: \"arn:aws:sns:us-east-1:12345678901:alarms\" has a wrong "
	  "partition, region or account; write arn:aws:sns:us-east-1:123456789012:NAME\n" },
	{ SLACK "sns: {topics: ['arn:aws:sns:useast:123456789012:alarms']}\n",
	  "2: sns.topics[0]: \"arn:aws:sns:useast:123456789012:alarms\" has a wrong partition, "
	  "region or account; write arn:aws:sns:us-east-1:123456789012:NAME\n" },
	{ SLACK "sns: {topics: ['arn:gcp:sns:us-east-1:123456789012:alarms']}\n",
	  "2: sns.topics[0]: \"arn:gcp:sns:us-east-1:123456789012:alarms\" has a wrong "
	  "partition, region or account; write arn:aws:sns:us-east-1:123456789012:NAME\n" },
	{ SLACK "sns: {topics: ['arn:aws:sns:us-east-1:123456789012:alarms:6b1d-sub']}\n",
	  "2: sns.topics[0]: \"arn:aws:sns:us-east-1:123456789012:alarms:6b1d-sub\" is the ARN "
	  "of a subscription; use the topic's, without the last part\n" },
	{ SLACK "sns: {topics: ['arn:aws:sns:us-east-1:123456789012:al arms']}\n",
	  "2: sns.topics[0]: \"arn:aws:sns:us-east-1:123456789012:al arms\" has no valid topic "
	  "name; use letters, digits, '-' and '_'\n" },
	{ SLACK "sns: {topics: [arn:aws:sns:us-east-1:123456789012:alarms, "
	  "arn:aws:sns:us-east-1:123456789012:alarms]}\n",
	  "2: sns.topics[1]: the same value stands on line 2; remove one of them\n" },
	{ SLACK "sns: {topics: [[a]]}\n",
	  "2: sns.topics[0]: must be one value (topic ARN), not a list; write just the value\n" },
	{ SLACK "sns: {topics: [{a: b}]}\n",
	  "2: sns.topics[0]: must be one value (topic ARN), not a map; write just the value\n" },
	{ SLACK "sns: {topics: [arn:aws:sns:us-east-1:123456789012:alarms], max_age: 90}\n",
	  "2: sns.max_age: \"90\" has no unit; add s, m, h or d, as in 30s or 5m\n" },
	{ SLACK "sns: {topics: [arn:aws:sns:us-east-1:123456789012:alarms], max_age: 1h30m}\n",
	  "2: sns.max_age: \"1h30m\" is not a duration; write a whole number and one unit: "
	  "30s, 5m, 1h or 14d\n" },
	{ SLACK "sns: {topics: [arn:aws:sns:us-east-1:123456789012:alarms], max_age: 1 h}\n",
	  "2: sns.max_age: \"1 h\" is not a duration; write a whole number and one unit: 30s, "
	  "5m, 1h or 14d\n" },
	{ SLACK "sns: {topics: [arn:aws:sns:us-east-1:123456789012:alarms], max_age: 15d}\n",
	  "2: sns.max_age: \"15d\" is out of range; use 1s to 14d\n" },
	{ SLACK "sns: {topics: [arn:aws:sns:us-east-1:123456789012:alarms], max_age: 0s}\n",
	  "2: sns.max_age: \"0s\" is out of range; use 1s to 14d\n" },
	{ SLACK "sns: {topics: [arn:aws:sns:us-east-1:123456789012:alarms], max_age: -1h}\n",
	  "2: sns.max_age: \"-1h\" is not a duration; write a whole number and one unit: 30s, "
	  "5m, 1h or 14d\n" },
	{ GOOD "aws: {region: us-east}\n",
	  "3: aws.region: \"us-east\" is not a region code; write one like us-east-1\n" },
	{ GOOD "aws: {region: US-EAST-1}\n",
	  "3: aws.region: \"US-EAST-1\" is not a region code; write one like us-east-1\n" },
	{ GOOD "aws: {accounts: [{id: 21098765432}]}\n",
	  "3: aws.accounts[0].id: \"21098765432\" is not an account id; write all 12 digits, "
	  "in quotes, so that zeros at the front stay\n" },
	{ GOOD "aws:\n"
	  "  accounts:\n"
	  "    - id: '210987654321'\n"
	  "    - id: 210987654321\n",
	  "6: aws.accounts[1].id: the same id stands on line 5; remove one of them\n" },
	{ GOOD "aws:\n"
	  "  accounts:\n"
	  "    - id: '210987654321'\n"
	  "      role_arn: arn:aws:iam::123456789012:role/tocsin\n",
	  "6: aws.accounts[0].role_arn: is a role of another account than id says; name a role "
	  "of that account\n" },
	{ GOOD "aws: {accounts: [{id: '210987654321', role_arn: "
	  "'arn:aws:iam::210987654321:user/tocsin'}]}\n",
	  "3: aws.accounts[0].role_arn: \"arn:aws:iam::210987654321:user/tocsin\" is not the "
	  "ARN of an IAM role; write arn:aws:iam::123456789012:role/NAME\n" },
};

static void refuses_not_yaml(void **state)
{
	(void)state;
	CHECK(not_yaml_cases);
}

static void refuses_keys_and_shapes(void **state)
{
	(void)state;
	CHECK(keys_and_shapes_cases);
}

static void refuses_slack_section(void **state)
{
	(void)state;
	CHECK(slack_section_cases);
}

static void refuses_sns_and_aws_sections(void **state)
{
	(void)state;
	CHECK(sns_and_aws_sections_cases);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(refuses_not_yaml),
		cmocka_unit_test(refuses_keys_and_shapes),
		cmocka_unit_test(refuses_slack_section),
		cmocka_unit_test(refuses_sns_and_aws_sections),
	};

	return cmocka_run_group_tests(tests, config_cases_setup, config_cases_teardown);
}
