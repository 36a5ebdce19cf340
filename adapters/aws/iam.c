#include "adapters/aws/iam.h"

#include <string.h>

#include "bot/arn.h"
#include "bot/config.h"
#include "bot/json.h"
#include "bot/mem.h"
#include "bot/metric.h"
#include "bot/str.h"

/* Of AWS's own documents, which have no account in their ARN. */
static const char *const documents[] = { "AWS-RunShellScript", "AWS-RunPowerShellScript" };

static struct json_object *strings(const char *const *list)
{
	struct json_object *array = json_new_array();

	for (; *list != NULL; list++)
		json_append_string(array, *list);
	return array;
}

/* The new statement, borrowed. */
static struct json_object *add_statement(struct json_object *statements, const char *sid, const char *const *actions,
                                         struct json_object *resources)
{
	struct json_object *statement = json_new_object();

	json_put_string(statement, "Sid", sid);
	json_put_string(statement, "Effect", "Allow");
	json_put(statement, "Action", strings(actions));
	json_put(statement, "Resource", resources);
	json_append(statements, statement);
	return statement;
}

static const char *partition(const char *region)
{
	const struct partition *found = region == NULL ? NULL : partition_of_region(region);

	return found == NULL ? "aws" : found->id;
}

/* Commands go to the two documents only, and to instances and on-premises machines. */
static struct json_object *send_resources(struct mem *mem, const char *partition_id)
{
	struct json_object *resources = json_new_array();

	for (size_t i = 0; i < sizeof(documents) / sizeof(documents[0]); i++)
		json_append_string(resources, mem_printf(mem, "arn:%s:ssm:*::document/%s", partition_id, documents[i]));
	json_append_string(resources, mem_printf(mem, "arn:%s:ec2:*:*:instance/*", partition_id));
	json_append_string(resources, mem_printf(mem, "arn:%s:ssm:*:*:managed-instance/*", partition_id));
	return resources;
}

static struct json_object *everything(void)
{
	return strings((const char *const[]){ "*", NULL });
}

static struct json_object *roles(const struct config *config)
{
	struct json_object *resources = json_new_array();

	for (size_t i = 0; config != NULL && i < config->aws.account_count; i++)
		if (config->aws.accounts[i].role_arn != NULL)
			json_append_string(resources, config->aws.accounts[i].role_arn);
	return resources;
}

static void add_roles(struct json_object *statements, const struct config *config)
{
	struct json_object *resources = roles(config);

	if (json_count(resources) == 0)
		json_free(resources);
	else
		add_statement(statements, "OtherAccounts", (const char *const[]){ "sts:AssumeRole", NULL }, resources);
}

static bool is_first_with_table(const struct config *config, size_t dashboard)
{
	const char *table = config->dashboards.items[dashboard].metrics_table;

	for (size_t i = 0; table != NULL && i < dashboard; i++) {
		const char *other = config->dashboards.items[i].metrics_table;
		if (other != NULL && strcmp(other, table) == 0)
			return false;
	}
	return table != NULL;
}

/* Of our own account, whose id no configuration says. */
static void add_tables(struct mem *mem, struct json_object *statements, const struct config *config)
{
	struct json_object *resources = json_new_array();

	for (size_t i = 0; config != NULL && i < config->dashboards.count; i++) {
		const char *table = config->dashboards.items[i].metrics_table;
		const char *region = config->aws.region;
		if (is_first_with_table(config, i))
			json_append_string(resources, mem_printf(mem, "arn:%s:dynamodb:%s:*:table/%s",
			                                         partition(region), region, table));
	}
	if (json_count(resources) == 0)
		json_free(resources);
	else
		add_statement(statements, "Definitions", (const char *const[]){ "dynamodb:Scan", NULL }, resources);
}

static void add_log_group(struct mem *mem, struct json_object *resources, const char *region, const char *name)
{
	const char *group = mem_printf(mem, "arn:%s:logs:%s:*:log-group:%s", partition(region),
	                               region == NULL ? "*" : region, name);

	json_append_string(resources, group);
	json_append_string(resources, mem_printf(mem, "%s:*", group));
}

/* What metrics from logs read; a query is known by its id alone afterwards. */
static void add_log_metrics(struct mem *mem, struct json_object *statements, const struct config *config)
{
	struct json_object *resources = json_new_array();

	for (size_t i = 0; config != NULL && i < config->dashboards.count; i++)
		for (size_t k = 0; k < config->dashboards.items[i].metric_count; k++) {
			const struct metric *metric = &config->dashboards.items[i].metrics[k];
			const char *region = metric->region != NULL ? metric->region : config->aws.region;

			for (size_t n = 0; n < metric->log_groups.count; n++)
				add_log_group(mem, resources, region, metric->log_groups.items[n]);
		}
	if (json_count(resources) == 0) {
		json_free(resources);
		return;
	}
	add_statement(statements, "LogMetrics", (const char *const[]){ "logs:StartQuery", NULL }, resources);
	add_statement(statements, "LogMetricQueries", (const char *const[]){ "logs:GetQueryResults", "logs:StopQuery",
		NULL }, everything());
}

/* "https://aps-workspaces.REGION.amazonaws.com/workspaces/ID/" to ID; NULL: another host speaks for it. */
static char *workspace_of(struct mem *mem, const char *url)
{
	const char *at = strstr(url, "/workspaces/");

	if (at == NULL)
		return NULL;
	at += strlen("/workspaces/");
	return mem_printf(mem, "%.*s", (int)strcspn(at, "/"), at);
}

/* Amazon Managed Prometheus. */
static void add_workspaces(struct mem *mem, struct json_object *statements, const struct config *config)
{
	struct json_object *resources = json_new_array();

	for (size_t i = 0; config != NULL && i < config->prometheus.count; i++) {
		const struct config_prometheus *source = &config->prometheus.items[i];
		const char *id = workspace_of(mem, source->url);
		if (source->region == NULL)
			continue;
		json_append_string(resources, mem_printf(mem, "arn:%s:aps:%s:*:workspace/%s", partition(source->region),
		                                         source->region, id == NULL ? "*" : id));
	}
	if (json_count(resources) == 0)
		json_free(resources);
	else
		add_statement(statements, "Prometheus", (const char *const[]){ "aps:QueryMetrics", NULL }, resources);
}

/* --- the model --- */

/* What a model's name stands for. */
struct model {
	const char *region; /* of the calls; "*": unknown */
	const char *partition;
	char *arn;          /* of what is called */
	char *through;      /* the models that it leads to: a name, or "*"; NULL: it is the model itself */
	bool profile;       /* it is an inference profile: the models may be used through it alone */
	bool everywhere;    /* its models are in no region */
};

static bool is_geography(const char *word, size_t length)
{
	static const char *const longer[] = { "apac", "global", "us-gov", NULL };

	for (size_t i = 0; longer[i] != NULL; i++)
		if (strlen(longer[i]) == length && strncmp(word, longer[i], length) == 0)
			return true;
	return length == 2; /* us, eu, jp, au...; the names of vendors are longer */
}

/* The model in "eu.anthropic.claude-...": NULL when it is no inference profile of AWS's own. */
static const char *behind_geography(const char *id)
{
	size_t length = strcspn(id, ".");

	return id[length] == '.' && is_geography(id, length) ? id + length + 1 : NULL;
}

/* "arn:aws:bedrock:eu-west-1:123456789012:inference-profile/eu.anthropic..." */
static void read_arn(struct mem *mem, struct model *model, const char *text)
{
	const char *slash = strchr(text, '/'), *name = slash == NULL ? "" : slash + 1;
	const char *kind = slash == NULL ? NULL : memrchr(text, ':', (size_t)(slash - text));
	const char *behind = behind_geography(name);
	struct arn arn;

	model->arn = mem_strdup(mem, text);
	if (arn_split(text, &arn)) /* no region of ours need be configured */
		model->partition = mem_strdup(mem, arn.partition);
	if (kind == NULL)
		return;
	kind = mem_printf(mem, "%.*s", (int)(slash - kind - 1), kind + 1);
	model->profile = str_ends(kind, "inference-profile"); /* application-inference-profile, too */
	if (strcmp(kind, "inference-profile") == 0)
		model->through = mem_strdup(mem, behind != NULL ? behind : "*");
	else if (model->profile || str_ends(kind, "prompt-router"))
		model->through = mem_strdup(mem, "*");
	model->everywhere = str_starts(name, "global.");
}

static struct model read_model(struct mem *mem, const struct config *config)
{
	const char *id = config->bedrock.model, *behind = behind_geography(id);
	const char *region = config->bedrock.region != NULL ? config->bedrock.region : config->aws.region;
	struct model model = { .region = region == NULL ? "*" : region, .partition = partition(region) };

	if (str_starts(id, "arn:")) {
		read_arn(mem, &model, id);
		return model;
	}
	model.profile = behind != NULL;
	model.through = mem_strdup(mem, behind);
	model.everywhere = behind != NULL && str_starts(id, "global.");
	if (behind != NULL)
		model.arn = mem_printf(mem, "arn:%s:bedrock:%s:*:inference-profile/%s", model.partition, model.region,
		                       id);
	else
		model.arn = mem_printf(mem, "arn:%s:bedrock:%s::foundation-model/%s", model.partition, model.region,
		                       id);
	return model;
}

static const char *const invoke[] = { "bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream", NULL };

/* A profile leads to its model in other regions, which are AWS's to choose; the condition ties it to the profile. */
static void add_models_behind(struct mem *mem, struct json_object *statements, const struct model *model)
{
	struct json_object *resources = json_new_array(), *condition, *like, *statement;

	json_append_string(resources, mem_printf(mem, "arn:%s:bedrock:*::foundation-model/%s", model->partition,
	                                         model->through));
	if (model->everywhere)
		json_append_string(resources, mem_printf(mem, "arn:%s:bedrock:::foundation-model/%s", model->partition,
		                                         model->through));
	if (!model->profile) /* a router, which may choose profiles, too */
		json_append_string(resources, mem_printf(mem, "arn:%s:bedrock:*:*:inference-profile/*",
		                                         model->partition));
	statement = add_statement(statements, "ModelBehind", invoke, resources);
	if (!model->profile)
		return;
	condition = json_new_object();
	like = json_new_object();
	json_put_string(like, "bedrock:InferenceProfileArn", model->arn);
	json_put(condition, "StringLike", like);
	json_put(statement, "Condition", condition);
}

static void add_guardrail(struct mem *mem, struct json_object *statements, const struct config *config,
                          const struct model *model)
{
	const char *guardrail = config->bedrock.guardrail;

	if (guardrail == NULL)
		return;
	if (!str_starts(guardrail, "arn:"))
		guardrail = mem_printf(mem, "arn:%s:bedrock:%s:*:guardrail/%s", model->partition, model->region,
		                       guardrail);
	add_statement(statements, "Guardrail", (const char *const[]){ "bedrock:ApplyGuardrail", NULL },
	              strings((const char *const[]){ guardrail, NULL }));
}

/* --- what the model may look at --- */

static void add_log_groups(struct mem *mem, struct json_object *statements, const struct config *config)
{
	const char *partition_id = partition(config->aws.region);
	struct json_object *resources = json_new_array();

	for (size_t i = 0; i < config->answers.log_groups.count; i++) {
		const char *group = mem_printf(mem, "arn:%s:logs:*:*:log-group:%s", partition_id,
		                               config->answers.log_groups.items[i]); /* IAM's globs are ours */

		json_append_string(resources, group);
		json_append_string(resources, mem_printf(mem, "%s:*", group));
	}
	add_statement(statements, "Logs", (const char *const[]){ "logs:StartQuery", NULL }, resources);
	/* The first lists groups by name; the others know a query by its id alone. */
	add_statement(statements, "LogQueries", (const char *const[]){ "logs:DescribeLogGroups",
		"logs:GetQueryResults", "logs:StopQuery", NULL }, everything());
}

/* Without a model nothing of this is asked. */
static void add_answers(struct mem *mem, struct json_object *statements, const struct config *config)
{
	struct model model;

	if (config == NULL || config->bedrock.model == NULL)
		return;
	model = read_model(mem, config);
	add_statement(statements, "Model", invoke, strings((const char *const[]){ model.arn, NULL }));
	if (model.through != NULL)
		add_models_behind(mem, statements, &model);
	add_guardrail(mem, statements, config, &model);
	/* Composite alarms are shown only to who may see all. */
	add_statement(statements, "Answers", (const char *const[]){ "cloudwatch:DescribeAlarms",
		"cloudwatch:DescribeAlarmHistory", "cloudwatch:ListMetrics",
		config->answers.changes ? "cloudtrail:LookupEvents" : NULL, NULL }, everything());
	if (config->answers.log_groups.count > 0)
		add_log_groups(mem, statements, config);
}

static bool has_alarm_lines(const struct config *config)
{
	for (size_t i = 0; i < config->dashboards.count; i++)
		if (config->dashboards.items[i].alarms.count > 0)
			return true;
	return false;
}

/* How the alarms are set that a summary speaks of, or a dashboard shows; what answers look at holds that. Composite
 * alarms are shown only to who may see all. */
static void add_alarms(struct json_object *statements, const struct config *config)
{
	if (config == NULL || config->bedrock.model != NULL)
		return;
	if (config_has_schedule(config) || has_alarm_lines(config))
		add_statement(statements, "Alarms", (const char *const[]){ "cloudwatch:DescribeAlarms", NULL },
		              everything());
}

char *iam_policy(const struct config *config)
{
	struct json_object *policy = json_new_object(), *statements = json_new_array();
	struct mem mem = { 0 };
	char *text;

	add_statement(statements, "Diagnose", (const char *const[]){ "ssm:SendCommand", NULL },
	              send_resources(&mem, partition(config == NULL ? NULL : config->aws.region)));
	/* These know no resources. */
	add_statement(statements, "Look", (const char *const[]){
		"ssm:CancelCommand", "ssm:DescribeInstanceInformation", "ssm:GetCommandInvocation", "ssm:ListCommands",
		"ec2:DescribeInstances", "cloudwatch:GetMetricData", NULL }, everything());
	add_tables(&mem, statements, config);
	add_log_metrics(&mem, statements, config);
	/* Whoever sets dashboards up may look at CloudWatch's own. */
	add_statement(statements, "Import", (const char *const[]){ "cloudwatch:GetDashboard",
		"cloudwatch:ListDashboards", NULL }, everything());
	add_workspaces(&mem, statements, config);
	if (config != NULL && config->mail.topic != NULL)
		add_statement(statements, "Mail", (const char *const[]){ "sns:Publish", NULL },
		              strings((const char *const[]){ config->mail.topic, NULL }));
	add_answers(&mem, statements, config);
	add_alarms(statements, config);
	add_roles(statements, config);
	json_put_string(policy, "Version", "2012-10-17");
	json_put(policy, "Statement", statements);
	text = mem_copy_string(json_print_pretty(policy));
	json_free(policy);
	mem_free_all(&mem);
	return text;
}
