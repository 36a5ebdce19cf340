/*
 * notice_eventbridge.c - events of AWS services other than alarm state changes.
 *
 * A line of the table is all that a new event needs: its detail-type, a title that is understood
 * at 03:00, which member tells whether it is bad, and which is its story. What the table does not
 * know keeps its detail-type as title and shows the whole event. Fields: EventBridge reference,
 * Systems Manager "Event examples", GuardDuty and Health user guides.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "bot/alarm.h"
#include "bot/event_input.h"
#include "bot/event_text.h"
#include "bot/json.h"
#include "bot/mem.h"
#include "bot/notice.h"
#include "bot/str.h"

struct template {
	const char *type;   /* detail-type */
	const char *title;  /* notice_title_from over the detail */
	const char *status; /* member whose words make the severity; NULL: the detail-type; "-": info */
	const char *text;   /* member with the story, or NULL */
};

static const struct template templates[] = {
	{ "EC2 Instance State-change Notification", "EC2 instance {instance-id} is {state}", "state",
	  NULL },
	{ "EC2 Spot Instance Interruption Warning",
	  "EC2 spot instance {instance-id} will be interrupted ({instance-action})", NULL, NULL },
	{ "EC2 Instance Launch Successful",
	  "Auto Scaling group {AutoScalingGroupName} launched {EC2InstanceId}", NULL, "Cause" },
	{ "EC2 Instance Launch Unsuccessful",
	  "Auto Scaling group {AutoScalingGroupName} could not launch an instance", NULL,
	  "StatusMessage" },
	{ "EC2 Instance Terminate Successful",
	  "Auto Scaling group {AutoScalingGroupName} terminated {EC2InstanceId}", "-", "Cause" },
	{ "EC2 Instance Terminate Unsuccessful",
	  "Auto Scaling group {AutoScalingGroupName} could not terminate {EC2InstanceId}", NULL,
	  "StatusMessage" },
	{ "EC2 Automation Step Status-change Notification",
	  "Automation {Definition}, step {StepName}: {Status}", "Status", NULL },
	{ "EC2 Automation Execution Status-change Notification", "Automation {Definition}: {Status}",
	  "Status", NULL },
	{ "EC2 Command Invocation Status-change Notification",
	  "Run Command {document-name} on {instance-id}: {status}", "status", NULL },
	{ "EC2 Command Status-change Notification", "Run Command {document-name}: {status}", "status",
	  NULL },
	{ "EC2 State Manager Association State Change",
	  "State Manager association of {document-name}: {status}", "status", NULL },
	{ "EC2 State Manager Instance Association State Change",
	  "State Manager association of {document-name} on {instance-id}: {status}", "status", NULL },
	{ "Calendar State Change", "Change calendar {arn} is {state}", "-", NULL },
	{ "Configuration Compliance State Change",
	  "{resource-id} is {compliance-status} ({compliance-type})", "compliance-status", NULL },
	{ "Maintenance Window Target Registration Notification",
	  "Maintenance window {window-id}: target {window-target-id} {status}", "-", NULL },
	{ "Maintenance Window Execution State-change Notification",
	  "Maintenance window {window-id}: execution {status}", "status", NULL },
	{ "Maintenance Window Task Execution State-change Notification",
	  "Maintenance window {window-id}: task {status}", "status", NULL },
	{ "Maintenance Window Task Target Invocation State-change Notification",
	  "Maintenance window {window-id}: task on {window-target-id} {status}", "status", NULL },
	{ "Maintenance Window State-change Notification", "Maintenance window {window-id} is {status}",
	  "-", NULL },
	{ "Parameter Store Change", "Parameter {name}: {operation}", "-", "description" },
	{ "Glue Job State Change", "Glue job {jobName}: {state}", "state", "message" },
	{ "Glue Crawler State Change", "Glue crawler {crawlerName}: {state}", "state", "message" },
	{ "CodePipeline Pipeline Execution State Change", "CodePipeline {pipeline}: {state}", "state",
	  NULL },
	{ "CodePipeline Stage Execution State Change",
	  "CodePipeline {pipeline}, stage {stage}: {state}", "state", NULL },
	{ "CodePipeline Action Execution State Change",
	  "CodePipeline {pipeline}, action {action}: {state}", "state", NULL },
	{ "CodeBuild Build State Change", "CodeBuild {project-name}: {build-status}", "build-status",
	  NULL },
	{ "CodeDeploy Deployment State-change Notification",
	  "CodeDeploy {application} to {deploymentGroup}: {state}", "state", NULL },
	{ "CodeDeploy Instance State-change Notification",
	  "CodeDeploy {application} on {instanceId}: {state}", "state", NULL },
	{ "ECS Task State Change", "ECS task of {group}: {lastStatus}", "stoppedReason",
	  "stoppedReason" },
	{ "ECS Container Instance State Change", "ECS container instance {ec2InstanceId}: {status}",
	  "-", "statusReason" },
	{ "ECS Deployment State Change", "ECS deployment of {arn}: {eventName}", "eventName",
	  "reason" },
	{ "RDS DB Instance Event", "RDS instance {SourceIdentifier}: {Message}", "Message", NULL },
	{ "RDS DB Cluster Event", "RDS cluster {SourceIdentifier}: {Message}", "Message", NULL },
	{ "Backup Job State Change", "Backup of {resourceArn}: {state}", "state", "statusMessage" },
	{ "Trusted Advisor Check Item Refresh Notification", "Trusted Advisor, {check-name}: {status}",
	  "status", NULL },
	{ "AWS API Call via CloudTrail", "{userIdentity.arn} called {eventName} of {eventSource}",
	  "errorCode", "errorMessage" },
	{ "AWS Console Sign In via CloudTrail",
	  "{userIdentity.arn}: console sign-in {responseElements.ConsoleLogin}",
	  "responseElements.ConsoleLogin", NULL },
};

static struct notice *from_template(struct notice *notice, const struct template *t,
                                    struct json_object *detail, const char *resource)
{
	const char *words = t->status == NULL ? t->type : json_text(detail, t->status);

	notice_title_from(notice, t->title, detail, resource);
	notice_severity(notice, notice_severity_of(words));
	if (t->text != NULL)
		notice_set_text(notice, json_string(detail, t->text));
	notice_details_of(notice, detail);
	return notice;
}

/* Findings have a severity of 1.0 ... 10.0: below 4 low, below 7 medium, below 9 high. */
static void guardduty(struct notice *notice, struct json_object *detail)
{
	double severity = json_number(detail, "severity", 0);
	const char *word = severity >= 9 ? "critical"
	                 : severity >= 7 ? "high"
	                 : severity >= 4 ? "medium"
	                                 : "low";
	const char *title = json_string(detail, "title");

	notice_title(notice, "GuardDuty (%s): %s", word, title == NULL ? "finding" : title);
	notice_severity(notice, severity >= 7 ? "critical" : severity >= 4 ? "warning" : "info");
	notice_set_text(notice, json_string(detail, "description"));
	notice_detail(notice, "Severity", json_text(detail, "severity"));
	notice_detail(notice, "Type", json_string(detail, "type"));
	notice_detail(notice, "Account", json_text(detail, "accountId"));
	notice_detail(notice, "Count", json_text(detail, "service.count"));
	notice_detail(notice, "First seen", json_string(detail, "service.eventFirstSeen"));
	notice_detail(notice, "Last seen", json_string(detail, "service.eventLastSeen"));
	notice_detail(notice, "Finding", json_string(detail, "id"));
}

static void malware(struct notice *notice, struct json_object *detail)
{
	struct json_object *threats = json_get(detail, "scanResultDetails.threats");
	const char *result = json_string(detail, "scanResultDetails.scanResultStatus");

	notice_title_from(notice,
	                  "GuardDuty malware scan of {s3ObjectDetails.objectKey} in "
	                  "{s3ObjectDetails.bucketName}: {scanResultDetails.scanResultStatus}",
	                  detail, NULL);
	notice_severity(notice,
	                result != NULL && strcmp(result, "THREATS_FOUND") == 0 ? "critical" : "info");
	for (size_t i = 0; i < json_count(threats) && i < 20; i++)
		notice_detail(notice, "Threat", json_string(json_at(threats, i), "name"));
	notice_details_of(notice, detail);
}

/* "AWS_EC2_INSTANCE_STORE_DRIVE_PERFORMANCE_DEGRADED" of "EC2" to lower-case words. */
static char *health_words(const char *code, const char *service)
{
	char *words = event_line(code == NULL ? "event" : code, 200);
	char *start = words;

	if (words == NULL)
		return mem_copy_string("event");
	if (str_starts(start, "AWS_"))
		start += 4;
	if (service != NULL && str_starts(start, service) && start[strlen(service)] == '_')
		start += strlen(service) + 1;
	memmove(words, start, strlen(start) + 1);
	for (char *c = words; *c != '\0'; c++)
		*c = *c == '_' ? ' ' : *c >= 'A' && *c <= 'Z' ? (char)(*c - 'A' + 'a') : *c;
	return words;
}

/* Descriptions hold the two characters \ and n where a line ends. */
static void health_text(struct notice *notice, const char *description)
{
	struct str s;

	if (description == NULL)
		return;
	str_init(&s, strlen(description));
	for (const char *c = description; *c != '\0'; c++) {
		bool newline = c[0] == '\\' && c[1] == 'n';

		str_add_char(&s, newline ? '\n' : *c);
		c += newline;
	}
	notice_set_text(notice, s.text);
	str_free(&s);
}

static const char *health_severity(const char *type, const char *category)
{
	if (strstr(type, "Abuse") != NULL)
		return "critical";
	return category != NULL && strcmp(category, "accountNotification") == 0 ? "info" : "warning";
}

static void health(struct notice *notice, struct json_object *detail, const char *type)
{
	const char *service = json_string(detail, "service");
	const char *code = json_string(detail, "eventTypeCode");
	const char *category = json_string(detail, "eventTypeCategory");
	struct json_object *entities = json_get(detail, "affectedEntities");
	char *words = health_words(code, service);

	notice_title(notice, "AWS Health: %s %s: %s", service == NULL ? "" : service,
	             category == NULL                               ? "event"
	             : strcmp(category, "scheduledChange") == 0     ? "scheduled change"
	             : strcmp(category, "accountNotification") == 0 ? "notification"
	                                                            : category,
	             words);
	free(words);
	notice_severity(notice, health_severity(type, category));
	health_text(notice, json_string(detail, "eventDescription[0].latestDescription"));
	(void)event_time(json_string(detail, "startTime"), &notice->at_ms);
	for (size_t i = 0; i < json_count(entities) && i < 20; i++)
		notice_detail(notice, "Affected", json_string(json_at(entities, i), "entityValue"));
	notice_detail(notice, "Event", code);
	notice_detail(notice, "Starts", json_string(detail, "startTime"));
	notice_detail(notice, "Ends", json_string(detail, "endTime"));
	notice_detail(notice, "Status", json_string(detail, "statusCode"));
}

static void unknown(struct notice *notice, const struct event_input *input, const char *type)
{
	const char *resource = notice_last_part(json_string(input->json, "resources[0]"));

	notice_title(notice, "%s%s%s", type, resource == NULL ? "" : ": ",
	             resource == NULL ? "" : resource);
	notice_severity(notice, notice_severity_of(type));
	notice->raw = notice_raw(input->json);
}

static const struct template *find_template(const char *type)
{
	for (size_t i = 0; i < sizeof(templates) / sizeof(templates[0]); i++)
		if (strcmp(templates[i].type, type) == 0)
			return &templates[i];
	return NULL;
}

struct notice *notice_from_eventbridge(const struct event_input *input)
{
	const char *type = json_string(input->json, "detail-type");
	const char *source = json_string(input->json, "source");
	const char *resource = json_string(input->json, "resources[0]");
	struct json_object *detail = json_get(input->json, "detail");
	const struct template *t = type == NULL ? NULL : find_template(type);
	struct notice *notice;
	char name[80];

	/* Samples without source exist (GuardDuty through a transformer). */
	if (type == NULL || !json_is_object(detail))
		return NULL;
	(void)snprintf(name, sizeof(name), "EventBridge %.60s", source == NULL ? "" : source);
	notice = notice_new(input, name);
	if (strcmp(type, "GuardDuty Finding") == 0)
		guardduty(notice, detail);
	else if (str_starts(type, "GuardDuty Malware Protection "))
		malware(notice, detail);
	else if (str_starts(type, "AWS Health "))
		health(notice, detail, type);
	else if (t != NULL)
		(void)from_template(notice, t, detail, resource);
	else
		unknown(notice, input, type);
	return notice;
}
