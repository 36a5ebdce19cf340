/* config_types_ids.c - the identifiers of Slack, AWS and Jira. */
#include "bot/config_types.h"

#include <ctype.h>

#include "bot/arn.h"
#include "bot/config.h"
#include "bot/config_schema.h"
#include "bot/config_value.h"
#include "bot/config_yaml.h"
#include "bot/str.h"

#define UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define LOWER "abcdefghijklmnopqrstuvwxyz"
#define DIGITS "0123456789"

/* All of text is made of `allowed`, and its length is in range. */
static bool is_made_of(const char *text, const char *allowed, size_t least, size_t most)
{
	size_t length = strlen(text);

	return length >= least && length <= most && strspn(text, allowed) == length;
}

#define APP_TOKEN_PAGE "api.slack.com/apps, your app, Basic Information, App-Level Tokens " \
	"(scope connections:write)"
#define BOT_TOKEN_PAGE "api.slack.com/apps, your app, OAuth & Permissions, Bot User OAuth Token"

/* Says what a token that is not the wanted one is, never its text. */
static const char *token_kind(const char *text, const char *prefix)
{
	if (str_starts(text, prefix))
		return "is cut off behind its prefix";
	if (str_starts(text, "xapp-"))
		return "is an app-level token (it goes into slack.app_token)";
	if (str_starts(text, "xoxb-"))
		return "is a bot token (it goes into slack.bot_token)";
	if (str_starts(text, "xoxp-"))
		return "is a user token";
	return "is no token of this kind";
}

static bool check_token(const struct config_check *c, const char *prefix, const char *page)
{
	if (!config_secret.check(c))
		return false;
	if (str_starts(c->node->text, prefix) && strlen(c->node->text) > strlen(prefix))
		return true;
	return err_set(c->err, ERR_USAGE, "%s; give the one that begins with %s, from %s",
	               token_kind(c->node->text, prefix), prefix, page);
}

static bool check_app_token(const struct config_check *c)
{
	return check_token(c, "xapp-", APP_TOKEN_PAGE);
}

static bool check_bot_token(const struct config_check *c)
{
	return check_token(c, "xoxb-", BOT_TOKEN_PAGE);
}

/* Real ids have nine characters or more; D is a direct message. */
static bool check_channel(const struct config_check *c)
{
	const char *text = c->node->text;

	if (strchr("CGD", text[0]) != NULL && is_made_of(text, UPPER DIGITS, 8, 64))
		return true;
	return config_refuse(c, "is not a channel id; in Slack click the channel's name: the id "
	                     "(C0123456789) stands at the bottom of About");
}

static bool check_slack_user(const struct config_check *c)
{
	if (strchr("UW", c->node->text[0]) != NULL && is_made_of(c->node->text, UPPER DIGITS, 4, 64))
		return true;
	return config_refuse(c, "is not a user id; in Slack open the profile, then More, Copy member ID "
	                     "(U0123456789)");
}

/* A user group is written by its handle, as in chat. */
static bool check_member(const struct config_check *c)
{
	const char *text = c->node->text;

	if (text[0] == '@' && is_made_of(text + 1, LOWER DIGITS "._-", 1, 80))
		return true;
	if (strchr("UW", text[0]) != NULL && is_made_of(text, UPPER DIGITS, 4, 64))
		return true;
	return config_refuse(c, "is neither a user id nor a group; write U0123456789, or a user group's "
	                     "handle in lower case and quotes: \"@oncall\"");
}

bool config_is_account(const char *text)
{
	return is_made_of(text, DIGITS, 12, 12);
}

bool config_is_region(const char *text)
{
	size_t length = strlen(text);

	return region_is_plausible(text) && strchr(text, '-') != NULL &&
	       isdigit((unsigned char)text[length - 1]);
}

static bool is_partition(const char *text)
{
	return strcmp(text, "aws") == 0 || str_starts(text, "aws-");
}

static bool check_topic(const struct config_check *c)
{
	struct arn arn;

	if (!arn_split(c->node->text, &arn) || strcmp(arn.service, "sns") != 0)
		return config_refuse(c, "is not the ARN of an SNS topic; write "
		                     "arn:aws:sns:REGION:ACCOUNT:NAME");
	if (!is_partition(arn.partition) || !config_is_region(arn.region) || !config_is_account(arn.account))
		return config_refuse(c, "has a wrong partition, region or account; write "
		                     "arn:aws:sns:us-east-1:123456789012:NAME");
	if (str_ends(arn.resource, ".fifo"))
		return config_refuse(c, "is a FIFO topic, which delivers neither to HTTP nor to mail; use a "
		                     "standard topic");
	if (strchr(arn.resource, ':') != NULL)
		return config_refuse(c, "is the ARN of a subscription; use the topic's, without the last part");
	if (!is_made_of(arn.resource, UPPER LOWER DIGITS "-_", 1, 256))
		return config_refuse(c, "has no valid topic name; use letters, digits, '-' and '_'");
	return true;
}

static bool check_role(const struct config_check *c)
{
	struct arn arn;
	const char *name;

	if (arn_split(c->node->text, &arn) && strcmp(arn.service, "iam") == 0 &&
	    is_partition(arn.partition) && arn.region[0] == '\0' && config_is_account(arn.account) &&
	    str_starts(arn.resource, "role/")) {
		name = strrchr(arn.resource, '/') + 1;
		if (is_made_of(name, UPPER LOWER DIGITS "_+=,.@-", 1, 64))
			return true;
	}
	return config_refuse(c, "is not the ARN of an IAM role; write "
	                     "arn:aws:iam::123456789012:role/NAME");
}

static bool check_region(const struct config_check *c)
{
	return config_is_region(c->node->text) ||
	       config_refuse(c, "is not a region code; write one like us-east-1");
}

static bool check_account_id(const struct config_check *c)
{
	if (config_is_account(c->node->text))
		return true;
	return config_refuse(c, "is not an account id; write all 12 digits, in quotes, so that zeros at "
	                     "the front stay");
}

static bool check_model(const struct config_check *c)
{
	if (is_made_of(c->node->text, UPPER LOWER DIGITS "._:/-", 3, 2048))
		return true;
	return config_refuse(c, "is not the id or ARN of a Bedrock model; copy it from the Bedrock "
	                     "console");
}

/* Forms: Bedrock's API reference, Converse, GuardrailConfiguration. */
static bool check_guardrail(const struct config_check *c)
{
	const char *text = c->node->text;
	struct arn arn;

	if (is_made_of(text, LOWER DIGITS, 1, 2048))
		return true;
	if (arn_split(text, &arn) && is_partition(arn.partition) && strcmp(arn.service, "bedrock") == 0 &&
	    config_is_region(arn.region) && config_is_account(arn.account) && str_starts(arn.resource, "guardrail/") &&
	    is_made_of(arn.resource + strlen("guardrail/"), LOWER DIGITS, 1, 256))
		return true;
	return config_refuse(c, "is not the id or ARN of a Bedrock guardrail; copy it from the Bedrock console");
}

static bool check_guardrail_version(const struct config_check *c)
{
	const char *text = c->node->text;

	if (strcmp(text, "DRAFT") == 0 || (text[0] != '0' && is_made_of(text, DIGITS, 1, 8)))
		return true;
	return config_refuse(c, "is not the version of a guardrail; write its number, or DRAFT");
}

/* Form: CloudWatch Logs' API reference, CreateLogGroup; the wildcards are ours. */
static bool check_log_group(const struct config_check *c)
{
	return is_made_of(c->node->text, UPPER LOWER DIGITS "_-/.#*?", 1, 512) ||
	       config_refuse(c, "cannot be the name of a log group; use letters, digits and '_', '-', '/', "
	                     "'.', '#', and * or ? as wildcards");
}

static bool check_project(const struct config_check *c)
{
	if (isupper((unsigned char)c->node->text[0]) &&
	    is_made_of(c->node->text, UPPER DIGITS "_", 2, 255))
		return true;
	return config_refuse(c, "is not a project key; write the letters before the number of an issue, "
	                     "as OPS in OPS-12");
}

static bool check_table(const struct config_check *c)
{
	return is_made_of(c->node->text, UPPER LOWER DIGITS "_.-", 3, 255) ||
	       config_refuse(c, "is not a table name; use 3 to 255 letters, digits, '_', '-' and '.'");
}

static bool check_metric_id(const struct config_check *c)
{
	if (islower((unsigned char)c->node->text[0]) &&
	    is_made_of(c->node->text, UPPER LOWER DIGITS "_", 1, 255))
		return true;
	return config_refuse(c, "is not a metric id; use letters, digits and '_', a lower-case letter "
	                     "first");
}

/* p90, tm99.9, TM(10%:90%): CloudWatch's extended statistics. */
static bool is_extended_statistic(const char *text)
{
	static const char *const letters[] = { "p", "tm", "wm", "tc", "ts" };
	static const char *const ranges[] = { "TM(", "WM(", "TC(", "TS(", "PR(" };

	for (size_t i = 0; i < sizeof(letters) / sizeof(letters[0]); i++) {
		const char *number = text + strlen(letters[i]);
		if (!str_starts(text, letters[i]) || !isdigit((unsigned char)number[0]))
			continue;
		char *end;
		return is_made_of(number, DIGITS ".", 1, 8) && strtod(number, &end) <= 100 && *end == '\0';
	}
	for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++)
		if (str_starts(text, ranges[i]))
			return str_ends(text, ")") && strchr(text, ':') != NULL;
	return strcmp(text, "IQM") == 0;
}

bool config_is_statistic(const char *text)
{
	static const char *const plain[] = { "Average", "Sum", "Minimum", "Maximum", "SampleCount" };

	for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++)
		if (strcmp(text, plain[i]) == 0)
			return true;
	return is_extended_statistic(text);
}

static bool check_statistic(const struct config_check *c)
{
	return config_is_statistic(c->node->text) ||
	       config_refuse(c, "is not a statistic of CloudWatch; use Average, Sum, Minimum, Maximum, "
	                     "SampleCount, or one like p90");
}

const struct config_type config_app_token = { "secret", check_app_token, CONFIG_SLOT_SECRET };
const struct config_type config_bot_token = { "secret", check_bot_token, CONFIG_SLOT_SECRET };
const struct config_type config_channel = { "channel id", check_channel, CONFIG_SLOT_STRING };
const struct config_type config_slack_user = { "user id", check_slack_user, CONFIG_SLOT_STRING };
const struct config_type config_member = { "user id or group", check_member, CONFIG_SLOT_STRING };
const struct config_type config_topic = { "topic ARN", check_topic, CONFIG_SLOT_STRING };
const struct config_type config_role = { "role ARN", check_role, CONFIG_SLOT_STRING };
const struct config_type config_region = { "region", check_region, CONFIG_SLOT_STRING };
const struct config_type config_account_id = { "account id", check_account_id, CONFIG_SLOT_STRING };
const struct config_type config_model = { "model id", check_model, CONFIG_SLOT_STRING };
const struct config_type config_guardrail = { "guardrail id", check_guardrail, CONFIG_SLOT_STRING };
const struct config_type config_guardrail_version = { "version", check_guardrail_version, CONFIG_SLOT_STRING };
const struct config_type config_log_group = { "log group", check_log_group, CONFIG_SLOT_STRING };
const struct config_type config_project = { "project key", check_project, CONFIG_SLOT_STRING };
const struct config_type config_table = { "table name", check_table, CONFIG_SLOT_STRING };
const struct config_type config_metric_id = { "metric id", check_metric_id, CONFIG_SLOT_STRING };
const struct config_type config_statistic = { "statistic", check_statistic, CONFIG_SLOT_STRING };
